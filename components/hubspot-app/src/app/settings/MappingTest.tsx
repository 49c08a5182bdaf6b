import { Button, Flex, Input, Text } from '@hubspot/ui-extensions';
import type { Api, Column, Field, Rule, SyncedObject, Tested } from '@sync300/shared';
import { DataTable, NotDone, propertyName, useDoing } from '@sync300/shared';
import React, { useState } from 'react';

interface Props {
  api: Api;
  connection: string;
  object: SyncedObject;
  /** The system's name for people. */
  system: string;
  /** Those of the draft. */
  rules: Rule[];
}

/** Tries the draft on a live record. Nothing is stored or changed. */
export function MappingTest({ api, connection, object, system, rules }: Props) {
  const [record, setRecord] = useState('');
  const [tested, setTested] = useState<Tested | null>(null);
  const { busy, failure, run } = useDoing<Tested>();
  const test = async () => {
    const chosen = record.trim() === '' ? {} : { record: record.trim() };
    setTested(await run(() => api.post('/cards/test', { connection, object: object.name, rules, ...chosen })));
  };
  const columns: Column<Field>[] = [
    { title: 'Property', cell: (field) => propertyName(field.property, field.label) },
    { title: 'In HubSpot now', cell: (field) => field.hubspot ?? '(empty)' },
    {
      title: `From ${system}`,
      cell: (field) => (
        <>
          <Text format={{ fontWeight: field.differs ? 'demibold' : 'regular' }}>{field.provider ?? '(empty)'}</Text>
          {field.problem !== undefined && <Text variant="microcopy">{field.problem}</Text>}
        </>
      ),
    },
  ];
  return (
    <Flex direction="column" gap="small">
      <Flex direction="row" gap="small" align="end" wrap>
        <Input
          label="HubSpot record ID to try on"
          name="record"
          description="Leave it empty for the record that was synced last."
          value={record}
          onInput={setRecord}
          onChange={setRecord}
        />
        <Button variant="secondary" disabled={busy} onClick={() => void test()}>
          Try on a live record
        </Button>
      </Flex>
      {failure !== null && <NotDone failure={failure} />}
      {tested !== null && (
        <>
          <Text>{`Record ${tested.record}, as it would be. Nothing was changed.`}</Text>
          <DataTable columns={columns} rows={tested.fields} id={(field) => field.property} />
        </>
      )}
    </Flex>
  );
}
