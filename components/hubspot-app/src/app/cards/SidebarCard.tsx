import { Alert, DescriptionList, DescriptionListItem, Flex, LoadingSpinner, Text } from '@hubspot/ui-extensions';
import type { Api, ConnectionStatus, Queued, RecordStatus } from '@sync300/shared';
import { Failed, RecordTag, SyncNow, syncingOf, useLoaded } from '@sync300/shared';
import React, { useCallback } from 'react';

import { NothingConnected } from './NothingConnected';
import type { CrmRecord } from './place';
import { place } from './place';

/** How the record stands, in the sidebar: one of three words, since when, and “Sync now”. */
export function SidebarCard({ api, record }: { api: Api; record: CrmRecord }) {
  const { objectId, objectTypeId } = record;
  const where = { objectId, objectTypeId };
  const ask = useCallback(
    () => api.get<RecordStatus>('/cards/status', place({ objectId, objectTypeId })),
    [api, objectId, objectTypeId],
  );
  const { loaded, reload } = useLoaded(ask);
  if (loaded.state === 'loading') {
    return <LoadingSpinner label="Looking up this record …" showLabel />;
  }
  if (loaded.state === 'failed') {
    return <Failed failure={loaded.failure} retry={() => void reload()} />;
  }
  const { connections, status, message, action, last_sync, syncing } = loaded.data;
  if (connections.length === 0) {
    return <NothingConnected message={message} action={action} />;
  }
  const canSync = connections.some((connection) => connection.can_sync);
  return (
    <Flex direction="column" gap="small">
      <RecordTag status={status} />
      <Text>{message}</Text>
      {action !== undefined && <Text variant="microcopy">{action}</Text>}
      <Text>{last_sync === null ? 'Never synced' : `Last sync ${last_sync.ago}`}</Text>
      {connections.length > 1 && <Systems connections={connections} />}
      <FailedRun connections={connections} />
      {canSync && (
        <SyncNow
          ask={() => api.post<Queued>('/cards/sync', place(where))}
          syncing={syncing}
          look={async () => syncingOf(await reload())}
        />
      )}
    </Flex>
  );
}

/** Each system's own word, where there are several. */
function Systems({ connections }: { connections: ConnectionStatus[] }) {
  return (
    <DescriptionList direction="row">
      {connections.map(({ connection, label, status }) => (
        <DescriptionListItem key={connection} label={label}>
          <RecordTag status={status} />
        </DescriptionListItem>
      ))}
    </DescriptionList>
  );
}

function FailedRun({ connections }: { connections: ConnectionStatus[] }) {
  const run = connections.map((connection) => connection.last_run).find((run) => run?.status === 'error');
  if (run?.message === undefined) {
    return null;
  }
  return (
    <Alert title={`The last sync failed ${run.ago}`} variant="warning">
      <Text>{run.message}</Text>
    </Alert>
  );
}
