import { Alert, Flex, Select, Text } from '@hubspot/ui-extensions';
import React, { useState } from 'react';

import { MappingsEditor } from './MappingsEditor';
import type { Part } from './useChange';

/** Which field of the system fills which property of HubSpot, by kind of record. */
export function MappingsSection({ api, settings, change }: Part) {
  const [name, setName] = useState(settings.objects[0]?.name);
  const object = settings.objects.find((object) => object.name === name);
  return (
    <Flex direction="column" gap="medium">
      {!settings.custom_mappings && (
        <Alert title="Your plan has the fields that 300Sync brings along" variant="info">
          <Text>You can leave fields out. Fields of your own come with a larger plan: see “Plan and usage”.</Text>
        </Alert>
      )}
      <Select
        label="Kind of record"
        name="object"
        value={name ?? ''}
        options={settings.objects.map(({ name, plural }) => ({ value: name, label: plural }))}
        onChange={(value) => setName(String(value))}
      />
      {object !== undefined && (
        // What was begun was begun on these mappings: others, of somebody else's making, are a new beginning.
        <MappingsEditor
          key={`${object.name}/${settings.version}`}
          api={api}
          settings={settings}
          change={change}
          object={object}
        />
      )}
    </Flex>
  );
}
