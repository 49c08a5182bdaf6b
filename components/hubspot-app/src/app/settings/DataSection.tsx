import { Divider, Flex, Heading, Input, Link, Text } from '@hubspot/ui-extensions';
import type { Account, Api } from '@sync300/shared';
import { OpenLink } from '@sync300/shared';
import React, { useState } from 'react';

import { Confirm } from './Confirm';

interface Props {
  api: Api;
  account: Account;
  onChange: () => void;
}

/** Export, pause and erasure of everything that is kept about this HubSpot account. */
export function DataSection({ api, account, onChange }: Props) {
  return (
    <Flex direction="column" gap="medium">
      <Text>
        300Sync keeps which records belong together, times, counts, settings and sealed access keys. The contents of records
        pass through, and are not kept.
      </Text>
      {api.address !== null && (
        <Link href={{ url: `${api.address}/account/privacy`, external: true }}>What is kept, why, and for how long</Link>
      )}
      {account.admin ? <ForAdmins api={api} account={account} onChange={onChange} /> : null}
    </Flex>
  );
}

function ForAdmins({ api, account, onChange }: Props) {
  return (
    <>
      <Divider />
      <Heading>Export</Heading>
      <OpenLink
        ask={() => api.post('/account/ticket', {})}
        open="Open the export page"
        help="There you can save everything as JSON or CSV, and see who changed what. The link opens once, for you."
        back="Done"
        onBack={() => undefined}
      >
        Export everything
      </OpenLink>
      <Divider />
      <Heading>Pause</Heading>
      <Pause api={api} account={account} onChange={onChange} />
      <Divider />
      <Heading>Erase</Heading>
      <Erase api={api} account={account} onChange={onChange} />
    </>
  );
}

function Pause({ api, account, onChange }: Props) {
  return account.restricted ? (
    <Confirm
      label="Resume syncing"
      question="Resume syncing?"
      consequence="Syncing goes on where it stood."
      destructive={false}
      work={() => api.post('/account/resume', {})}
      onDone={onChange}
    />
  ) : (
    <Confirm
      label="Pause syncing"
      question="Pause syncing?"
      consequence="Nothing of this HubSpot account is read or written until an admin resumes it. What is kept stays as it is."
      destructive={false}
      work={() => api.post('/account/restrict', {})}
      onDone={onChange}
    />
  );
}

function Erase({ api, account, onChange }: Props) {
  const [confirm, setConfirm] = useState('');
  const portal = String(account.portal);
  return (
    <Flex direction="column" gap="small">
      <Text>
        Deletes everything that 300Sync keeps about this HubSpot account, and uninstalls it. This cannot be undone.
      </Text>
      <Input
        label={`To confirm, enter the ID of this HubSpot account (${portal})`}
        name="erase-confirm"
        value={confirm}
        onInput={setConfirm}
        onChange={setConfirm}
      />
      <Confirm
        label="Erase everything"
        question="Erase everything?"
        consequence="Records in HubSpot and in the connected systems stay where they are; which ones belong together is forgotten."
        work={() => api.post('/account/erase', { confirm })}
        onDone={onChange}
        disabled={confirm !== portal}
      />
    </Flex>
  );
}
