import {
  Button,
  EmptyState,
  Flex,
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableHeader,
  TableRow,
  Tag,
  Text,
} from '@hubspot/ui-extensions';
import type { Mapping } from '@sync300/shared';
import { fieldName, propertyName } from '@sync300/shared';
import React from 'react';

interface Props {
  /** The system's name for people. */
  system: string;
  mappings: Mapping[];
  /** Whether the caller may change anything. */
  editable: boolean;
  /** Whether the plan has fields of one's own. */
  changeable: boolean;
  onChange: (mapping: Mapping) => void;
  onRemove: (property: string) => void;
}

/** The mappings as they are, or will be. */
export function MappingTable({ system, mappings, editable, changeable, onChange, onRemove }: Props) {
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
            <TableCell>{mapping.fallback ?? ''}</TableCell>
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
