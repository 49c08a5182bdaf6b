import { Button, Checkbox, Flex, Heading, LoadingSpinner, SearchInput, Text } from '@hubspot/ui-extensions';
import type { Api, Column, Fields, Source } from '@sync300/shared';
import { DataTable, Failed, useLoaded } from '@sync300/shared';
import React, { useCallback, useState } from 'react';

interface Props {
  api: Api;
  connection: string;
  /** The system's name for people. */
  system: string;
  object: string;
  /** Fields that are mapped in the draft. */
  taken: string[];
  busy: boolean;
  onImport: (paths: string[]) => void;
  onCancel: () => void;
}

const TAKEN = 'This field is mapped already.';

/** The system's fields with their types, several to be chosen at once: each gets a property of its own in HubSpot. */
export function ImportFields({ api, connection, system, object, taken, busy, onImport, onCancel }: Props) {
  const ask = useCallback(() => api.get<Fields>('/cards/fields', { connection, object }), [api, connection, object]);
  const { loaded, reload } = useLoaded(ask);
  const [words, setWords] = useState('');
  const [chosen, setChosen] = useState<string[]>([]);
  if (loaded.state === 'loading') {
    return <LoadingSpinner label={`Looking for the fields of ${system} …`} showLabel />;
  }
  if (loaded.state === 'failed') {
    return <Failed failure={loaded.failure} retry={() => void reload()} />;
  }
  const isTaken = ({ path }: Source) => taken.includes(path);
  const wanted = words.trim().toLowerCase();
  const found = loaded.data.sources.filter(({ path, label }) => `${label} ${path}`.toLowerCase().includes(wanted));
  // All that are shown, of those that can be imported.
  const all = found.filter((source) => !isTaken(source)).map(({ path }) => path);
  const choose = (paths: string[], on: boolean) =>
    setChosen((chosen) => [...chosen.filter((path) => !paths.includes(path)), ...(on ? paths : [])]);
  const columns: Column<Source>[] = [
    {
      title: 'Field',
      cell: (source) => (
        <>
          <Checkbox
            name={`import-${source.path}`}
            checked={chosen.includes(source.path)}
            readonly={busy || isTaken(source)}
            onChange={(on) => choose([source.path], on)}
          >
            {source.label}
          </Checkbox>
          {isTaken(source) && <Text variant="microcopy">{TAKEN}</Text>}
        </>
      ),
    },
    { title: 'Type', cell: ({ type }) => type },
  ];
  return (
    <Flex direction="column" gap="small">
      <Heading>Import fields</Heading>
      <Text>Each field gets a property of the same name and of a fitting type in HubSpot, and is synced at once.</Text>
      <SearchInput
        label={`Field in ${system}`}
        name="import"
        placeholder="Search by name"
        value={words}
        clearable
        onInput={setWords}
        onChange={setWords}
      />
      <Checkbox
        name="import-all"
        checked={all.length > 0 && all.every((path) => chosen.includes(path))}
        readonly={busy || all.length === 0}
        onChange={(on) => choose(all, on)}
      >
        Select all
      </Checkbox>
      <DataTable columns={columns} rows={found} id={({ path }) => path} />
      {found.length === 0 && <Text>No field has such a name.</Text>}
      <Flex direction="row" gap="small" wrap>
        <Button variant="primary" disabled={busy || chosen.length === 0} onClick={() => onImport(chosen)}>
          {chosen.length === 1 ? 'Import 1 field' : `Import ${chosen.length} fields`}
        </Button>
        <Button variant="secondary" disabled={busy} onClick={onCancel}>
          Cancel
        </Button>
      </Flex>
    </Flex>
  );
}
