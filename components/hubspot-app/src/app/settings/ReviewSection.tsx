import { Alert, Button, EmptyState, Flex, LoadingSpinner, Text } from '@hubspot/ui-extensions';
import type { Api, Decided, Review, Settings } from '@sync300/shared';
import { Failed, useLoaded } from '@sync300/shared';
import React, { useCallback, useState } from 'react';

import { Confirm } from './Confirm';
import { ReviewRecord } from './ReviewRecord';

interface Props {
  api: Api;
  settings: Settings;
}

interface From {
  after_object: string;
  after: string;
}

/** Records that wait for a person: what they may be, and who decides. */
export function ReviewSection({ api, settings }: Props) {
  const { connection, label: system, admin } = settings;
  const [from, setFrom] = useState<From | null>(null);
  const [told, setTold] = useState<string | null>(null);
  const ask = useCallback(() => api.get<Review>('/cards/review', { connection, ...from }), [api, connection, from]);
  const { loaded, reload } = useLoaded(ask);
  const decide = (body: Record<string, unknown>) => api.post<Decided>('/cards/review', { ...body, connection });
  const done = ({ message }: Decided) => {
    setTold(message);
    void reload();
  };
  if (loaded.state === 'loading') {
    return <LoadingSpinner label="Looking for records that wait …" showLabel layout="centered" />;
  }
  if (loaded.state === 'failed') {
    return <Failed failure={loaded.failure} retry={() => void reload()} />;
  }
  const { records, next, deletions } = loaded.data;
  return (
    <Flex direction="column" gap="medium">
      {told !== null && (
        <Alert title="Done" variant="success">
          <Text>{told}</Text>
        </Alert>
      )}
      {deletions.map(({ object, message }) => (
        <Flex key={object} direction="column" gap="small">
          <Alert title="Many records are gone" variant="warning">
            <Text>{message}</Text>
          </Alert>
          {admin && (
            <Confirm
              label="Believe the deletions"
              question={`Were these records really deleted in ${system}?`}
              consequence="The next sync treats them as deleted, as the settings of this kind of record say."
              work={() => decide({ object, decision: 'approve_deletions' })}
              onDone={done}
            />
          )}
        </Flex>
      ))}
      {records.length === 0 && (
        <EmptyState title="Nothing waits" layout="vertical" imageName="api">
          <Text>Every record that can be synced has found its other side.</Text>
        </EmptyState>
      )}
      {records.map((record) => (
        <ReviewRecord
          key={`${record.object} ${record.id}`}
          system={system}
          record={record}
          admin={admin}
          decide={decide}
          onDone={done}
        />
      ))}
      <Flex direction="row" gap="small" wrap>
        {from !== null && (
          <Button variant="secondary" onClick={() => setFrom(null)}>
            Back to the first
          </Button>
        )}
        {next !== null && (
          <Button variant="secondary" onClick={() => setFrom(next)}>
            Show more
          </Button>
        )}
      </Flex>
    </Flex>
  );
}
