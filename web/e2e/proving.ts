// A number that has an account already, proved in a new browser.

import type { Kithd } from './kithd.ts';
import type { Person } from './person.ts';

// Up to what is to become of the number's account. A number waits before it gets another code.
export async function prove(kithd: Kithd, { page, address }: Person): Promise<void> {
  await page.getByLabel('Phone number or e-mail').fill(address);
  const send = page.getByRole('button', { name: 'Send code' });
  const known = kithd.codes(address).length;
  await send.click();
  const again = page.getByText('You can try again now.');
  const code = page.getByLabel('Code');
  await again.or(code).waitFor({ timeout: 60_000 });
  if (await again.isVisible()) await send.click();
  await code.fill(await kithd.codeFor(address, known));
  await page.getByRole('heading', { name: 'Welcome back' }).waitFor();
}
