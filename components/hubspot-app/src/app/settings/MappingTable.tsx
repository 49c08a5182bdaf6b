import {
  Button,
  EmptyState,
  Flex,
  Select,
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableHeader,
  TableRow,
  Tag,
  Text,
} from '@hubspot/ui-extensions';
import type { Direction, Mapping } from '@sync300/shared';
import { fieldName, propertyName, wayName } from '@sync300/shared';
import React from 'react';

interface Props {
  /** The system's name for people. */
  system: string;
  mappings: Mapping[];
  /** Whether the caller may change anything. */
  editable: boolean;
  /** Whether the plan has fields of one's own. */
  changeable: boolean;
  /** Whether the kind of record travels both ways, so that each field has a way of its own. */
  ways: boolean;
  onTurn: (property: string, direction: Direction) => void;
  onChange: (mapping: Mapping) => void;
  onRemove: (property: string) => void;
}

/** The mappings as they are, or will be. */
export function MappingTable({ system, mappings, editable, changeable, ways, onTurn, onChange, onRemove }: Props) {
  if (mappings.length === 0) {
    return (
      <EmptyState title="No fields are synced" layout="vertical" imageName="contentStrategy">
        <Text>Add one, or reset to the defaults.</Text>
      </EmptyState>
    );
  }
  return (
    <Table bordered density="condensed">
      <TableHead>
        <TableRow>
          <TableHeader>Field in {system}</TableHeader>
          <TableHeader>Property in HubSpot</TableHeader>
          <TableHeader>If empty</TableHeader>
          {ways && <TableHeader>Direction</TableHeader>}
          <TableHeader>Kind</TableHeader>
          {editable && <TableHeader>Change</TableHeader>}
        </TableRow>
      </TableHead>
      <TableBody>
        {mappings.map((mapping) => (
          <TableRow key={mapping.property}>
            <TableCell>{fieldName(mapping.source)}</TableCell>
            <TableCell>
              <Text>{propertyName(mapping.property, mapping.label)}</Text>
              <Text variant="microcopy">{mapping.property}</Text>
            </TableCell>
            <TableCell>{mapping.fallback === null ? '' : fieldName(mapping.fallback)}</TableCell>
            {ways && (
              <TableCell>
                <Way system={system} mapping={mapping} editable={editable} onTurn={onTurn} />
              </TableCell>
            )}
            <TableCell>
              <Tag variant={mapping.default ? 'default' : 'info'}>{mapping.default ? 'Default' : 'Your own'}</Tag>
            </TableCell>
            {editable && (
              <TableCell>
                <Flex direction="row" gap="extra-small" wrap>
                  {changeable && (
                    <Button size="xs" variant="secondary" onClick={() => onChange(mapping)}>
                      Change {propertyName(mapping.property, mapping.label)}
                    </Button>
                  )}
                  {mapping.required ? (
                    <Text variant="microcopy">HubSpot needs it</Text>
                  ) : (
                    <Button size="xs" variant="secondary" onClick={() => onRemove(mapping.property)}>
                      Remove {propertyName(mapping.property, mapping.label)}
                    </Button>
                  )}
                </Flex>
              </TableCell>
            )}
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}

/** Which way a field travels: a choice, where the system lets it go both ways. */
function Way({ system, mapping, editable, onTurn }: Pick<Props, 'system' | 'editable' | 'onTurn'> & { mapping: Mapping }) {
  const { property, label, direction, directions } = mapping;
  if (!editable || directions.length < 2) {
    return <Text>{wayName(direction, system)}</Text>;
  }
  return (
    <Select
      label={`Direction of ${propertyName(property, label)}`}
      name={`direction-${property}`}
      value={direction}
      options={directions.map((value) => ({ value, label: wayName(value, system) }))}
      onChange={(value) => onTurn(property, value as Direction)}
    />
  );
}
