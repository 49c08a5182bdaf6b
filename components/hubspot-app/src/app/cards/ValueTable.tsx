import {
  Alert,
  Checkbox,
  Flex,
  StatusTag,
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableHeader,
  TableRow,
  Text,
} from '@hubspot/ui-extensions';
import type { Field } from '@sync300/shared';
import { propertyName } from '@sync300/shared';
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
      <Table bordered>
        <TableHead>
          <TableRow>
            <TableHeader>Property in HubSpot</TableHeader>
            <TableHeader>HubSpot</TableHeader>
            <TableHeader>{system}</TableHeader>
            <TableHeader>In step</TableHeader>
          </TableRow>
        </TableHead>
        <TableBody>
          {shown.map((field) => (
            <TableRow key={field.property}>
              <TableCell>
                <Text format={{ fontWeight: 'demibold' }}>{propertyName(field.property, field.label)}</Text>
                <Text variant="microcopy">{field.property}</Text>
              </TableCell>
              <TableCell>{field.hubspot ?? '(empty)'}</TableCell>
              <TableCell>
                {field.provider ?? '(empty)'}
                {field.problem !== undefined && <Text variant="microcopy">{field.problem}</Text>}
              </TableCell>
              <TableCell>
                <StatusTag variant={field.differs ? 'warning' : 'success'}>{field.differs ? 'Differs' : 'Same'}</StatusTag>
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </Flex>
  );
}
