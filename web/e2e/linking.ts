// One more device of somebody's account: the new browser shows a code, another one takes it up.

import type { Person } from './person.ts';

export const dialogOf = ({ page }: Person) => page.getByRole('dialog', { name: 'Link a new device' });
export const qrOf = ({ page }: Person) => page.getByRole('img', { name: 'QR code for your other device' });
export const digitsOn = ({ page }: Person) => page.locator('.link-digits').textContent();

export async function codeOn({ page }: Person): Promise<string> {
  const groups = page.getByRole('list', { name: 'The code, in groups' });
  return (await groups.getByRole('listitem').allTextContents()).join('-');
}

// A new device, up to its code.
export async function showCode(person: Person): Promise<void> {
  const { page } = person;
  await page.getByRole('button', { name: 'Link to a device that you already use' }).click();
  await page.getByLabel('Phone number or e-mail').fill(person.address);
  await page.getByRole('button', { name: 'Show a code' }).click();
  await qrOf(person).waitFor();
}

export async function openDialog({ page }: Person): Promise<void> {
  await page.getByRole('button', { name: 'You' }).filter({ visible: true }).click();
  await page.getByRole('link', { name: 'Devices' }).click();
  await page.getByRole('button', { name: 'Link a new device' }).click();
}

// From the one's list of chats to the other's, by the code as it is typed.
export async function link(owner: Person, device: Person): Promise<void> {
  await showCode(device);
  await openDialog(owner);
  const field = dialogOf(owner).getByLabel('Or type the code');
  await field.fill(await codeOn(device));
  await field.press('Enter');
  await dialogOf(owner).getByRole('button', { name: 'Yes, link it' }).click();
  await dialogOf(owner).getByRole('button', { name: 'OK' }).click();
  await device.page.getByRole('heading', { name: 'Chats', exact: true }).waitFor();
  await owner.page.keyboard.press('Escape');
  await owner.page.getByRole('heading', { name: 'You', exact: true }).waitFor();
  await owner.page.keyboard.press('Escape');
}
