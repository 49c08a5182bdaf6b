import { Alert, Flex, Heading, LoadingSpinner, Text, Tile } from '@hubspot/ui-extensions';
import type { Api, Connection, Queued, Settings } from '@sync300/shared';
import { ConnectionTag, Failed, RunList, SyncNow, syncingOf, useLoaded } from '@sync300/shared';
import React, { useCallback, useState } from 'react';

/** One connected system: whether it is connected, how the last sync ended, and all runs. */
export function SystemOverview({ api, connection }: { api: Api; connection: Connection }) {
  const { id } = connection;
  const ask = useCallback(() => api.get<Settings>('/cards/settings', { connection: id }), [api, id]);
  const { loaded, reload } = useLoaded(ask);
  const [fresh, setFresh] = useState(0);
  if (loaded.state === 'loading') {
    return <LoadingSpinner label={`Loading ${connection.label} …`} showLabel />;
  }
  if (loaded.state === 'failed') {
    return <Failed failure={loaded.failure} retry={() => void reload()} />;
  }
  const { label, message, action, last_run, syncing } = loaded.data;
  const ended = { success: 'succeeded', error: 'failed' };
  return (
    <Tile>
      <Flex direction="column" gap="small">
        <Flex direction="row" gap="small" align="center" justify="between" wrap>
          <Heading>{label}</Heading>
          <ConnectionTag status={connection.status} />
        </Flex>
        {message !== undefined && (
          <Alert title={message} variant="warning">
            {action !== undefined && <Text>{action}</Text>}
          </Alert>
        )}
        <Text>{last_run === null ? 'Not synced yet.' : `The last sync ${ended[last_run.status]} ${last_run.ago}.`}</Text>
        {connection.status === 'active' && (
          <SyncNow
            ask={() => api.post<Queued>('/cards/sync', { connection: id })}
            syncing={syncing}
            look={async () => {
              const now = syncingOf(await reload());
              setFresh((count) => count + 1);
              return now;
            }}
          />
        )}
        <Heading>History</Heading>
        <RunList api={api} connection={id} fresh={fresh} />
      </Flex>
    </Tile>
  );
}
