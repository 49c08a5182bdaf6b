import { Alert, Button, Flex, Select, Text } from '@hubspot/ui-extensions';
import type { Api, Column, Outcome, Planned, Preview, Settings } from '@sync300/shared';
import { DataTable, NotDone, propertyName, useDoing } from '@sync300/shared';
import React, { useState } from 'react';

interface Props {
  api: Api;
  settings: Settings;
}

/** What would become of records; `system` is where HubSpot's values go. */
function outcomes(system: string): Record<Outcome, string> {
  return {
    create: 'New in HubSpot',
    link: 'Linked to a record in HubSpot',
    update: 'Changed in HubSpot',
    send: `Changed in ${system}`,
    make: `New in ${system}`,
    review: 'Waits for you to decide',
    skip: 'Left out',
  };
}

/** What the next sync would do, before it does. */
export function PreviewSection({ api, settings }: Props) {
  const { connection, objects } = settings;
  const enabled = objects.filter((object) => object.enabled);
  const [object, setObject] = useState(enabled[0]?.name ?? '');
  const [preview, setPreview] = useState<Preview | null>(null);
  const { busy, failure, run } = useDoing<Preview>();
  const look = async () => {
    setPreview(null);
    setPreview(await run(() => api.get<Preview>('/cards/preview', { connection, object })));
  };
  return (
    <Flex direction="column" gap="medium">
      <Text>See what the next sync would do. Nothing is written.</Text>
      <Flex direction="row" gap="small" align="end" wrap>
        <Select
          label="What to look at"
          name="preview"
          value={object}
          options={enabled.map(({ name, plural }) => ({ value: name, label: plural }))}
          onChange={(name) => setObject(String(name))}
        />
        <Button variant="primary" disabled={busy || object === ''} onClick={() => void look()}>
          {busy ? 'Looking …' : 'Preview the next sync'}
        </Button>
      </Flex>
      {failure !== null && <NotDone failure={failure} />}
      {preview !== null && <Shown preview={preview} words={outcomes(settings.label)} />}
    </Flex>
  );
}

function Shown({ preview, words }: { preview: Preview; words: Record<Outcome, string> }) {
  const { counts, records } = preview;
  const told = (Object.keys(words) as Outcome[]).filter((outcome) => counts[outcome] > 0);
  const sums = told.map((outcome) => `${words[outcome]}: ${counts[outcome]}.`);
  return (
    <Flex direction="column" gap="small">
      <Text format={{ fontWeight: 'bold' }}>
        {preview.plural}: {sums.length === 0 ? 'there is nothing to do.' : sums.join(' ')} Unchanged: {counts.unchanged}.
      </Text>
      {preview.more && (
        <Text variant="microcopy">The sync would read more than the first page that was looked at here.</Text>
      )}
      {preview.note !== undefined && (
        <Alert title="This is an estimate" variant="info">
          <Text>{preview.note}</Text>
        </Alert>
      )}
      {records.length > 0 && <DataTable columns={columns(words)} rows={records} id={(record) => record.id} bordered />}
    </Flex>
  );
}

function reason({ fields, message, action }: Planned): string {
  const changed = fields.map((name) => propertyName(name, name)).join(', ');
  return [changed, message ?? '', action ?? ''].filter((text) => text !== '').join(' ');
}

function columns(words: Record<Outcome, string>): Column<Planned>[] {
  return [
    { title: 'Record', cell: (record) => record.name ?? record.id },
    { title: 'What would happen', cell: (record) => words[record.outcome] },
    { title: 'Why, or what', cell: reason },
  ];
}
