import { Button, Flex, LoadingSpinner, SearchInput, Text } from '@hubspot/ui-extensions';
import type { Api, ChosenList, Column, Lists, SyncedObject } from '@sync300/shared';
import { DataTable, Failed, NotDone, useDoing, useLoaded } from '@sync300/shared';
import React, { useCallback, useEffect, useState } from 'react';

interface Props {
  api: Api;
  connection: string;
  object: SyncedObject;
  busy: boolean;
  onChoose: (id: string) => void;
  onCancel: () => void;
}

/** HubSpot's lists of a kind of record, searched by name, 20 at a time. */
export function ListChoice({ api, connection, object, busy, onChoose, onCancel }: Props) {
  const [typed, setTyped] = useState('');
  const [words, setWords] = useState('');
  const { name, hubspot_object: records } = object;
  const page = useCallback(
    (after: string) => api.get<Lists>('/cards/lists', { connection, object: name, q: words, after }),
    [api, connection, name, words],
  );
  const first = useCallback(() => page('0'), [page]);
  const { loaded, reload } = useLoaded(first);
  const [further, setFurther] = useState<Lists[]>([]);
  const more = useDoing<Lists>();
  useEffect(() => setFurther([]), [first]);
  const pages = loaded.state === 'ready' ? [loaded.data, ...further] : [];
  const lists = pages.flatMap((one) => one.lists);
  const next = pages[pages.length - 1]?.next ?? null;
  const show = async (after: string) => {
    const answer = await more.run(() => page(after));
    if (answer !== null) {
      setFurther((known) => [...known, answer]);
    }
  };
  return (
    <Flex direction="column" gap="small">
      <Text>
        {`The list is the door: only ${records} that are in it sync, in either direction. Make it in HubSpot under Lists, then choose it here.`}
      </Text>
      <Flex direction="row" gap="small" align="end">
        <SearchInput
          label={`List of ${records} in HubSpot`}
          name={`list-${name}`}
          placeholder="Search by name"
          value={typed}
          clearable
          onInput={setTyped}
          onChange={setTyped}
        />
        <Button size="sm" variant="secondary" onClick={() => setWords(typed.trim())}>
          Search lists of {records}
        </Button>
        <Button size="sm" variant="transparent" onClick={onCancel}>
          Cancel
        </Button>
      </Flex>
      {loaded.state === 'loading' && <LoadingSpinner label="Looking for lists …" showLabel />}
      {loaded.state === 'failed' && <Failed failure={loaded.failure} retry={() => void reload()} />}
      {loaded.state === 'ready' && lists.length === 0 && (
        <Text>{words === '' ? `There is no list of ${records} in HubSpot yet.` : 'No list has such a name.'}</Text>
      )}
      {lists.length > 0 && <Found lists={lists} busy={busy} onChoose={onChoose} />}
      {more.failure !== null && <NotDone failure={more.failure} />}
      {next !== null && (
        <Button size="sm" disabled={more.busy} onClick={() => void show(next)}>
          Show more lists
        </Button>
      )}
    </Flex>
  );
}

function Found({ lists, busy, onChoose }: { lists: ChosenList[]; busy: boolean; onChoose: (id: string) => void }) {
  const columns: Column<ChosenList>[] = [
    {
      title: 'List',
      cell: (list) => (
        <>
          <Text>{list.name}</Text>
          <Text variant="microcopy">{list.filled}</Text>
        </>
      ),
    },
    { title: 'Records', align: 'right', cell: (list) => list.size },
    {
      title: 'Choose',
      cell: (list) => (
        <Button size="xs" variant="secondary" disabled={busy} onClick={() => onChoose(list.id)}>
          Use {list.name}
        </Button>
      ),
    },
  ];
  return <DataTable columns={columns} rows={lists} id={(list) => list.id} />;
}
