import { Alert, Flex, Heading, LoadingSpinner, Select, Text } from '@hubspot/ui-extensions';
import type { Account, Api } from '@sync300/shared';
import { Connect, Failed, useLoaded } from '@sync300/shared';
import React, { useCallback, useState } from 'react';

import { FirstConnection } from './FirstConnection';
import { SystemSettings } from './SystemSettings';

interface Props {
  api: Api;
  /** Puts a text on the clipboard. */
  copy: (text: string) => Promise<void>;
}

/** The settings of 300Sync for this HubSpot account. */
export function SettingsPage({ api, copy }: Props) {
  const ask = useCallback(() => api.get<Account>('/account'), [api]);
  const { loaded, reload } = useLoaded(ask);
  const [chosen, setChosen] = useState<string | null>(null);
  if (loaded.state === 'loading') {
    return <LoadingSpinner label="Loading the settings …" showLabel layout="centered" />;
  }
  if (loaded.state === 'failed') {
    return <Failed failure={loaded.failure} retry={() => void reload()} />;
  }
  const account = loaded.data;
  const again = () => void reload();
  const connection = account.connections.find(({ id }) => id === chosen) ?? account.connections[0];
  if (connection === undefined) {
    return <FirstConnection api={api} account={account} onDone={again} />;
  }
  return (
    <Flex direction="column" gap="medium">
      {!account.admin && (
        <Alert title="You can look, but not change anything" variant="info">
          <Text>Changes are for the user who installed 300Sync and for super admins of this HubSpot account.</Text>
        </Alert>
      )}
      {account.restricted && (
        <Alert title="Syncing is paused for this HubSpot account" variant="warning">
          <Text>Nothing is read or written until an admin resumes it, under “Data and privacy”.</Text>
        </Alert>
      )}
      {account.connections.length > 1 && (
        <Select
          label="Connected system"
          name="connection"
          value={connection.id}
          options={account.connections.map(({ id, label }) => ({ value: id, label }))}
          onChange={(value) => setChosen(String(value))}
        />
      )}
      <SystemSettings
        key={connection.id}
        api={api}
        copy={copy}
        account={account}
        connection={connection}
        reloadAccount={again}
      />
      {account.admin && account.available.length > 0 && (
        <>
          <Heading>Connect another system</Heading>
          {account.available.map((system) => (
            <Connect key={system.connector} api={api} {...system} onDone={again} />
          ))}
        </>
      )}
    </Flex>
  );
}
