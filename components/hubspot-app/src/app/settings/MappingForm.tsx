import { Alert, Button, Flex, Heading, LoadingSpinner, Select, Text } from '@hubspot/ui-extensions';
import type { Api, Direction, Fields, Mapping, Property } from '@sync300/shared';
import { Failed, propertyName, useLoaded } from '@sync300/shared';
import React, { useCallback, useState } from 'react';

import { PropertyChoice } from './PropertyChoice';

interface Props {
  api: Api;
  connection: string;
  /** The system's name for people. */
  system: string;
  object: string;
  /** Properties that are mapped in the draft. */
  taken: string[];
  /** The mapping that gets another field; none for a new one. */
  editing: Mapping | null;
  onDone: (mapping: Mapping) => void;
  onCancel: () => void;
}

/** Chooses a field of the system, and the property that it fills. */
export function MappingForm({ api, connection, system, object, taken, editing, onDone, onCancel }: Props) {
  const [source, setSource] = useState(editing?.source);
  const [fallback, setFallback] = useState(editing?.fallback ?? '');
  const ask = useCallback(
    () => api.get<Fields>('/cards/fields', { connection, object, ...(source === undefined ? {} : { source }) }),
    [api, connection, object, source],
  );
  const { loaded, reload } = useLoaded(ask);
  const choose = ({ name, label, transform }: Property) => {
    if (source !== undefined && transform !== undefined) {
      const required = editing?.required ?? false;
      const filled = fallback === '' ? null : fallback;
      // How a field of one's own is written back, no system says.
      const direction: Direction = 'to_hubspot';
      const way = { direction, directions: [direction] };
      onDone({ source, property: name, label, transform, fallback: filled, ...way, default: false, required });
    }
  };
  const sources = loaded.state === 'ready' ? loaded.data.sources : [];
  return (
    <Flex direction="column" gap="small">
      <Heading>
        {editing === null ? 'Add a field' : `Another field for ${propertyName(editing.property, editing.label)}`}
      </Heading>
      {loaded.state === 'loading' && <LoadingSpinner label="Asking HubSpot for its properties …" showLabel />}
      {loaded.state === 'failed' && <Failed failure={loaded.failure} retry={() => void reload()} />}
      {sources.length > 0 && (
        <Select
          label={`Field in ${system}`}
          name="source"
          placeholder="Choose a field"
          value={source ?? ''}
          options={sources.map(({ path, label, type }) => ({ value: path, label: `${label} (${type})` }))}
          onChange={(value) => setSource(String(value))}
        />
      )}
      {source !== undefined && (
        <Select
          label="Field to read instead where that one is empty"
          name="fallback"
          value={fallback}
          options={[
            { value: '', label: 'None: leave the property empty' },
            ...sources
              .filter(({ path }) => path !== source)
              .map(({ path, label, type }) => ({ value: path, label: `${label} (${type})` })),
          ]}
          onChange={(value) => setFallback(String(value))}
        />
      )}
      {loaded.state === 'ready' && source !== undefined && editing === null && (
        <PropertyChoice properties={loaded.data.properties} taken={taken} onChoose={choose} />
      )}
      {loaded.state === 'ready' && source !== undefined && editing !== null && (
        <Fitting property={loaded.data.properties.find(({ name }) => name === editing.property)} onChoose={choose} />
      )}
      <Button variant="secondary" onClick={onCancel}>
        Cancel
      </Button>
    </Flex>
  );
}

/** Whether the chosen field fits the property whose field is changed. */
function Fitting({ property, onChoose }: { property: Property | undefined; onChoose: (property: Property) => void }) {
  if (property?.transform === undefined) {
    return (
      <Alert title="This field does not fit the property" variant="warning">
        <Text>They hold different types of value. Choose another field.</Text>
      </Alert>
    );
  }
  return (
    <Button variant="primary" onClick={() => onChoose(property)}>
      Use this field
    </Button>
  );
}
