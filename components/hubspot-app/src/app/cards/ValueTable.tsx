import { Alert, Checkbox, Flex, StatusTag, Text } from '@hubspot/ui-extensions';
import type { Column, Field } from '@sync300/shared';
import { DataTable, propertyName } from '@sync300/shared';
import React, { useState } from 'react';

interface Props {
  /** The system's name for people. */
  system: string;
  fields: Field[];
  differing: number;
}

/** Every mapped field: the property's name, and its value on both sides. */
export function ValueTable({ system, fields, differing }: Props) {
  const [only, setOnly] = useState(false);
  const shown = only ? fields.filter((field) => field.differs) : fields;
  const columns: Column<Field>[] = [
    {
      title: 'Property in HubSpot',
      cell: (field) => (
        <>
          <Text format={{ fontWeight: 'demibold' }}>{propertyName(field.property, field.label)}</Text>
          <Text variant="microcopy">{field.property}</Text>
        </>
      ),
    },
    { title: 'HubSpot', cell: (field) => field.hubspot ?? '(empty)' },
    {
      title: system,
      cell: (field) => (
        <>
          {field.provider ?? '(empty)'}
          {field.problem !== undefined && <Text variant="microcopy">{field.problem}</Text>}
        </>
      ),
    },
    {
      title: 'In step',
      cell: (field) => (
        <StatusTag variant={field.differs ? 'warning' : 'success'}>{field.differs ? 'Differs' : 'Same'}</StatusTag>
      ),
    },
  ];
  return (
    <Flex direction="column" gap="small">
      {differing > 0 && (
        <>
          <Alert title={differing === 1 ? 'One value differs' : `${differing} values differ`} variant="info">
            <Text>The next sync brings them in step, as the settings say.</Text>
          </Alert>
          <Checkbox checked={only} onChange={setOnly}>
            Show only what differs
          </Checkbox>
        </>
      )}
      <DataTable columns={columns} rows={shown} id={(field) => field.property} bordered density="default" />
    </Flex>
  );
}
