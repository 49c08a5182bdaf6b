import { Divider, Flex, LoadingSpinner } from '@hubspot/ui-extensions';
import type { Api, RecordValues } from '@sync300/shared';
import { Failed, useLoaded } from '@sync300/shared';
import React, { Fragment, useCallback } from 'react';

import { NothingConnected } from './NothingConnected';
import type { CrmRecord } from './place';
import { place } from './place';
import { SystemValues } from './SystemValues';

/** The record's values in HubSpot and in each connected system, read live. */
export function RecordCard({ api, record }: { api: Api; record: CrmRecord }) {
  const { objectId, objectTypeId } = record;
  const ask = useCallback(
    () => api.get<RecordValues>('/cards/record', place({ objectId, objectTypeId })),
    [api, objectId, objectTypeId],
  );
  const { loaded, reload } = useLoaded(ask);
  if (loaded.state === 'loading') {
    return <LoadingSpinner label="Reading this record on both sides …" showLabel layout="centered" />;
  }
  if (loaded.state === 'failed') {
    return <Failed failure={loaded.failure} retry={() => void reload()} />;
  }
  const { connections } = loaded.data;
  if (connections.length === 0) {
    return <NothingConnected message="No system is connected yet." action={undefined} />;
  }
  return (
    <Flex direction="column" gap="medium">
      {connections.map((at, index) => (
        <Fragment key={at.connection}>
          {index > 0 && <Divider />}
          <SystemValues api={api} record={record} at={at} look={reload} />
        </Fragment>
      ))}
    </Flex>
  );
}
