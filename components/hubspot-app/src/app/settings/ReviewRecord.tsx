import { Button, Flex, Input, Link, Text, Tile } from '@hubspot/ui-extensions';
import type { Answer, Decided, Waiting } from '@sync300/shared';
import { NotDone, useDoing } from '@sync300/shared';
import React, { useState } from 'react';

import { Confirm } from './Confirm';

interface Props {
  /** The system's name for people. */
  system: string;
  record: Waiting;
  /** Whether the caller may decide. */
  admin: boolean;
  decide: (body: Record<string, unknown>) => Promise<Answer<Decided>>;
  onDone: (answer: Decided) => void;
}

/** One record that waits: why, what it may be, and the ways on. */
export function ReviewRecord({ system, record, admin, decide, onDone }: Props) {
  const { object, id, name, link, label, candidates } = record;
  const { busy, failure, run } = useDoing<Decided>();
  const [other, setOther] = useState('');
  const called = name ?? `${label} ${id}`;
  const choose = async (hubspot_id: string) => {
    const done = await run(() => decide({ object, id, decision: 'link', hubspot_id }));
    if (done !== null) {
      onDone(done);
    }
  };
  return (
    <Tile>
      <Flex direction="column" gap="small">
        <Text format={{ fontWeight: 'bold' }}>
          {label}: {called}
        </Text>
        <Text>
          {record.message} {record.action}
        </Text>
        <Text variant="microcopy">Since {record.ago}</Text>
        {link !== null && <Link href={{ url: link, external: true }}>{`View ${called} in ${system}`}</Link>}
        {admin && (
          <Flex direction="row" gap="small" wrap>
            {candidates.map((candidate) => (
              <Button key={candidate.id} variant="secondary" disabled={busy} onClick={() => void choose(candidate.id)}>
                Link to {candidate.name ?? 'the HubSpot record'} ({candidate.id})
              </Button>
            ))}
          </Flex>
        )}
        {admin && (
          <Flex direction="row" gap="small" align="end" wrap>
            <Input
              label="Record ID of another HubSpot record"
              name={`other-${id}`}
              value={other}
              onInput={setOther}
              onChange={setOther}
            />
            <Button variant="secondary" disabled={busy || other.trim() === ''} onClick={() => void choose(other.trim())}>
              Link {called} to it
            </Button>
          </Flex>
        )}
        {admin && record.code !== 'unlinked_by_user' && (
          <Confirm
            label={`Leave ${called} out`}
            question={`Leave ${called} out of the sync?`}
            consequence="It is not matched again, and nothing is created for it, until somebody links it here."
            work={() => decide({ object, id, decision: 'unlink' })}
            onDone={onDone}
          />
        )}
        {failure !== null && <NotDone failure={failure} />}
      </Flex>
    </Tile>
  );
}
