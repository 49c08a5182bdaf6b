import { Flex, Select, Text } from '@hubspot/ui-extensions';
import type { Direction, OnDelete, Strategy, SyncedObject } from '@sync300/shared';
import { wayName } from '@sync300/shared';
import React from 'react';

import type { Part } from './useChange';

interface Chosen {
  direction?: Direction;
  strategy?: Strategy;
  on_delete?: OnDelete;
}

/** Which way a kind of record travels, who wins where both sides changed a field, and what a deletion does. */
export function ObjectWays({ settings, change, object }: Omit<Part, 'api'> & { object: SyncedObject }) {
  const { label: system } = settings;
  const one = `a ${object.label.toLowerCase()}`;
  const readOnly = !settings.admin || change.busy;
  const choose = (chosen: Chosen) => void change.save('/cards/settings', { objects: { [object.name]: chosen } });
  const directions: Direction[] = ['to_hubspot', 'both'];
  return (
    <>
      {!object.bidirectional && <Text>{`${object.plural} go from ${system} to HubSpot alone.`}</Text>}
      <Flex direction="row" gap="small" align="end" wrap>
        {object.bidirectional && (
          <Select
            label={`Direction of ${object.plural.toLowerCase()}`}
            name={`direction-${object.name}`}
            value={object.direction}
            options={directions.map((value) => ({ value, label: wayName(value, system) }))}
            readOnly={readOnly}
            onChange={(direction) => choose({ direction: direction as Direction })}
          />
        )}
        {object.direction === 'both' && (
          <Select
            label={`Where both sides changed the same field of ${one}`}
            name={`strategy-${object.name}`}
            value={object.strategy}
            options={settings.strategies}
            readOnly={readOnly}
            onChange={(strategy) => choose({ strategy: strategy as Strategy })}
          />
        )}
        <Select
          label={`When ${one} is deleted in ${system}`}
          name={`delete-${object.name}`}
          value={object.on_delete}
          options={[
            { value: 'mark', label: 'Keep it in HubSpot, and mark it' },
            { value: 'archive', label: 'Delete it in HubSpot too' },
          ]}
          readOnly={readOnly}
          onChange={(deleted) => choose({ on_delete: deleted as OnDelete })}
        />
      </Flex>
    </>
  );
}
