import { Button, Flex, SearchInput, Text } from '@hubspot/ui-extensions';
import type { Column, Property } from '@sync300/shared';
import { DataTable } from '@sync300/shared';
import React, { useState } from 'react';

interface Props {
  properties: Property[];
  /** Properties that are mapped in the draft. */
  taken: string[];
  onChoose: (property: Property) => void;
}

/** Most properties shown at once: an account has some hundred. */
const SHOWN = 25;
const TAKEN = 'This property is mapped already.';

/** HubSpot's properties with their types; those that do not take the field are there, disabled, with the reason. */
export function PropertyChoice({ properties, taken, onChoose }: Props) {
  const [words, setWords] = useState('');
  const wanted = words.trim().toLowerCase();
  const found = properties.filter(({ name, label }) => `${label} ${name}`.toLowerCase().includes(wanted));
  const reason = (property: Property) => reasonAgainst(property, taken);
  // What can be chosen first; within that as HubSpot has it.
  const shown = [...found.filter((one) => !reason(one)), ...found.filter(reason)].slice(0, SHOWN);
  const columns: Column<Property>[] = [
    {
      title: 'Property',
      cell: (property) => (
        <>
          <Text>{property.label}</Text>
          <Text variant="microcopy">{property.name}</Text>
        </>
      ),
    },
    { title: 'Type', cell: (property) => property.type },
    {
      title: 'Choose',
      cell: (property) => (
        <>
          <Button size="xs" variant="secondary" disabled={reason(property) !== undefined} onClick={() => onChoose(property)}>
            Use {property.label}
          </Button>
          {reason(property) !== undefined && <Text variant="microcopy">{reason(property)}</Text>}
        </>
      ),
    },
  ];
  return (
    <Flex direction="column" gap="small">
      <SearchInput
        label="Property in HubSpot"
        name="property"
        placeholder="Search by name"
        value={words}
        clearable
        onInput={setWords}
        onChange={setWords}
      />
      <DataTable columns={columns} rows={shown} id={(property) => property.name} />
      {shown.length === 0 && <Text>No property has such a name.</Text>}
      {found.length > shown.length && <Text>{`${found.length - shown.length} more: search by name to find them.`}</Text>}
    </Flex>
  );
}

/** Why a property cannot be chosen. What is mapped counts by the draft, which is newer than what is stored. */
function reasonAgainst(property: Property, taken: string[]): string | undefined {
  if (taken.includes(property.name)) {
    return TAKEN;
  }
  if (property.mapped === undefined) {
    return property.reason;
  }
  return property.transform === undefined ? 'It holds another type of value.' : undefined;
}
