import { Alert, EmptyState, Flex, Heading, Link, Text } from '@hubspot/ui-extensions';
import type { Api, Queued, RecordAtConnection, RecordStatus } from '@sync300/shared';
import { RecordTag, SyncNow } from '@sync300/shared';
import React, { useCallback, useEffect, useState } from 'react';

import type { CrmRecord } from './place';
import { place } from './place';
import { ValueTable } from './ValueTable';

interface Props {
  api: Api;
  record: CrmRecord;
  at: RecordAtConnection;
  /** Reads both sides again. */
  look: () => Promise<unknown>;
}

/** The record at one system: how it stands, where to find it there, and both sides' values. */
export function SystemValues({ api, record, at, look }: Props) {
  const [syncing, setSyncing] = useState(at.syncing);
  useEffect(() => setSyncing(at.syncing), [at]);
  const { objectId, objectTypeId } = record;
  // While a sync is under way its state is asked for, which costs no call to either side; the values once it is through.
  const watch = useCallback(async () => {
    const status = await api.get<RecordStatus>('/cards/status', place({ objectId, objectTypeId }));
    const mine = status.ok ? status.connections.find((known) => known.connection === at.connection) : undefined;
    if (mine === undefined) {
      return null;
    }
    setSyncing(mine.syncing);
    if (mine.syncing === 'no') {
      await look();
    }
    return mine.syncing;
  }, [api, objectId, objectTypeId, at.connection, look]);
  return (
    <Flex direction="column" gap="small">
      <Flex direction="row" gap="small" align="center" justify="between" wrap>
        <Heading>
          {at.label} {at.object.toLowerCase()}
        </Heading>
        <RecordTag status={at.status} />
      </Flex>
      <Text>{at.message}</Text>
      {at.action !== undefined && <Text>{at.action}</Text>}
      <LastSync at={at} />
      {at.link !== undefined && <Link href={{ url: at.link, external: true }}>View in {at.label}</Link>}
      {at.can_sync && (
        <SyncNow
          ask={() => api.post<Queued>('/cards/sync', place({ objectId, objectTypeId }))}
          syncing={syncing}
          look={watch}
        />
      )}
      <Values at={at} />
    </Flex>
  );
}

/** When the record was last in step, and how the last sync ended. */
function LastSync({ at }: { at: RecordAtConnection }) {
  const { last_sync, last_run } = at;
  const ended = { success: 'succeeded', error: 'failed' };
  return (
    <>
      <Text>
        {last_sync === null ? 'Never synced.' : `Last sync ${last_sync.ago}.`}
        {last_run !== null && ` The last run ${ended[last_run.status]} ${last_run.ago}.`}
      </Text>
      {last_run?.message !== undefined && (
        <Alert title={last_run.message} variant="danger">
          {last_run.action !== undefined && <Text>{last_run.action}</Text>}
        </Alert>
      )}
    </>
  );
}

function Values({ at }: { at: RecordAtConnection }) {
  if (at.problem !== undefined) {
    return (
      <Alert title="The values could not be read" variant="warning">
        <Text>
          {at.problem.message} {at.problem.action}
        </Text>
      </Alert>
    );
  }
  if (at.fields.length === 0) {
    return (
      <EmptyState title="No values to compare" layout="vertical" imageName="object">
        <Text>They are shown as soon as this record is linked to one in {at.label}.</Text>
      </EmptyState>
    );
  }
  return <ValueTable system={at.label} fields={at.fields} differing={at.differing} />;
}
