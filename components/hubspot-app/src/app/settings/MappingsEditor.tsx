import { Alert, Button, Flex, Text } from '@hubspot/ui-extensions';
import type { Mapping, Rule, SyncedObject } from '@sync300/shared';
import React, { useState } from 'react';

import { Confirm } from './Confirm';
import { ImportFields } from './ImportFields';
import { MappingForm } from './MappingForm';
import { MappingTable } from './MappingTable';
import { MappingTest } from './MappingTest';
import { Saved } from './Saved';
import type { Part } from './useChange';

/** As the application is told. */
function rules(mappings: Mapping[]): Rule[] {
  return mappings.map(({ source, property, transform, fallback, direction }) => {
    return { source, property, transform, fallback, direction };
  });
}

/** The mappings of one kind of record: a draft, until it is saved. */
export function MappingsEditor({ api, settings, change, object }: Part & { object: SyncedObject }) {
  const [draft, setDraft] = useState(object.mappings);
  // None: no form; a mapping: another field for its property; `new`: one more; `import`: several more.
  const [editing, setEditing] = useState<Mapping | 'new' | 'import' | null>(null);
  const changed = JSON.stringify(rules(draft)) !== JSON.stringify(rules(object.mappings));
  const put = (mapping: Mapping) => {
    setDraft((draft) => [...draft.filter(({ property }) => property !== mapping.property), mapping]);
    setEditing(null);
  };
  const editable = settings.admin && !change.busy;
  return (
    <Flex direction="column" gap="medium">
      <MappingTable
        system={settings.label}
        mappings={draft}
        editable={editable}
        changeable={settings.custom_mappings}
        ways={object.direction === 'both'}
        onChange={setEditing}
        onTurn={(property, direction) =>
          setDraft((draft) => draft.map((mapping) => (mapping.property === property ? { ...mapping, direction } : mapping)))
        }
        onRemove={(property) => setDraft((draft) => draft.filter((mapping) => mapping.property !== property))}
      />
      {settings.admin && editing === null && settings.custom_mappings && (
        <Flex direction="row" gap="small" wrap>
          <Button variant="secondary" disabled={!editable} onClick={() => setEditing('new')}>
            Add a field
          </Button>
          <Button variant="secondary" disabled={!editable} onClick={() => setEditing('import')}>
            Import fields
          </Button>
        </Flex>
      )}
      {editing === 'import' && (
        <ImportFields
          api={api}
          connection={settings.connection}
          system={settings.label}
          object={object.name}
          taken={draft.map(({ source }) => source)}
          busy={change.busy}
          // With what is in the draft: one save, and one sync.
          onImport={(imports) => void change.save('/cards/mappings', { object: object.name, rules: rules(draft), imports })}
          onCancel={() => setEditing(null)}
        />
      )}
      {editing !== null && editing !== 'import' && (
        <MappingForm
          api={api}
          connection={settings.connection}
          system={settings.label}
          object={object.name}
          taken={draft.map(({ property }) => property)}
          editing={editing === 'new' ? null : editing}
          onDone={put}
          onCancel={() => setEditing(null)}
        />
      )}
      {settings.admin && (
        <MappingTest
          api={api}
          connection={settings.connection}
          object={object}
          system={settings.label}
          rules={rules(draft)}
        />
      )}
      {changed && (
        <Alert title="Not saved yet" variant="warning">
          <Text>Save to use these fields: what was added is synced at once.</Text>
        </Alert>
      )}
      {settings.admin && (
        <Flex direction="row" gap="small" wrap>
          <Button
            variant="primary"
            disabled={!editable || !changed}
            onClick={() => void change.save('/cards/mappings', { object: object.name, rules: rules(draft) })}
          >
            Save fields
          </Button>
          <Button variant="secondary" disabled={!editable || !changed} onClick={() => setDraft(object.mappings)}>
            Discard changes
          </Button>
        </Flex>
      )}
      {settings.admin && object.custom && (
        <Confirm
          label="Reset to the defaults"
          question={`Reset the fields of ${object.plural}?`}
          consequence="Fields of your own are no longer synced, and those that you left out are again. Values in HubSpot stay."
          destructive={false}
          work={async () => {
            await change.save('/cards/mappings', { object: object.name, rules: null });
            return { ok: true };
          }}
          onDone={() => undefined}
        />
      )}
      <Saved change={change} />
    </Flex>
  );
}
