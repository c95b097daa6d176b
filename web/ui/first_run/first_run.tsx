import { useState } from 'react';
import type { Account } from '../../../schema/core';
import { AccountScreen } from './account_screen';
import { CodeScreen } from './code_screen';
import { LinkAddressScreen } from './link_address_screen';
import { LinkScreen } from './link_screen';
import { NameScreen } from './name_screen';
import { NumberScreen } from './number_screen';
import { RecoveryKeyScreen } from './recovery_key_screen';

// The screens up to a ready account. Which one shows is the core's decision: its stage survives a reload.
export function FirstRun({ account }: { account: Account }) {
  const [changing, setChanging] = useState(false);
  const [linking, setLinking] = useState(false);

  if (account.stage === 'new' && linking) return <LinkAddressScreen onBack={() => setLinking(false)} />;
  const canChange = account.stage === 'code' || account.stage === 'name';
  if (account.stage === 'new' || (canChange && changing)) {
    const back = canChange ? () => setChanging(false) : undefined;
    const link = account.stage === 'new' ? () => setLinking(true) : undefined;
    return (
      <NumberScreen given={account.address} onBack={back} onSent={() => setChanging(false)} onLink={link} />
    );
  }
  switch (account.stage) {
    case 'linking':
      return account.link === undefined ? null : <LinkScreen link={account.link} />;
    case 'code':
      return <CodeScreen key={account.address} account={account} onChange={() => setChanging(true)} />;
    case 'account':
      return <AccountScreen account={account} />;
    case 'name':
      return <NameScreen onBeginAgain={() => setChanging(true)} />;
    case 'recovery_key':
      return <RecoveryKeyScreen groups={account.recovery_key ?? []} />;
    case 'ready':
    case 'removed':
      return null;
  }
}
