import { Alert, Button, Flex, Text } from '@hubspot/ui-extensions';
import type { ChosenList, SyncedObject } from '@sync300/shared';
import React, { useState } from 'react';

import { ListChoice } from './ListChoice';
import type { Part } from './useChange';

/** Which records of a kind may sync at all: everybody, or the members of a HubSpot list, which is the door between the two. */
export function InclusionList({ api, settings, change, object }: Part & { object: SyncedObject }) {
  const [choosing, setChoosing] = useState(false);
  const records = object.hubspot_object;
  const list = object.inclusion_list;
  const choose = async (id: string | null) => {
    if (await change.save('/cards/settings', { objects: { [object.name]: { inclusion_list: id } } })) {
      setChoosing(false);
    }
  };
  return (
    <Flex direction="column" gap="extra-small">
      <Text>{list === null ? `All ${records} sync.` : description(list, records)}</Text>
      {list?.message !== undefined && (
        <Alert title={list.message} variant="warning">
          <Text>{list.action}</Text>
        </Alert>
      )}
      {settings.admin && !choosing && (
        <Flex direction="row" gap="small">
          <Button size="xs" variant="secondary" disabled={change.busy} onClick={() => setChoosing(true)}>
            {list === null ? `Sync only the ${records} of a list` : `Choose another list of ${records}`}
          </Button>
          {list !== null && (
            <Button size="xs" variant="secondary" disabled={change.busy} onClick={() => void choose(null)}>
              Sync all {records}
            </Button>
          )}
        </Flex>
      )}
      {choosing && (
        <ListChoice
          api={api}
          connection={settings.connection}
          object={object}
          busy={change.busy}
          onChoose={(id) => void choose(id)}
          onCancel={() => setChoosing(false)}
        />
      )}
    </Flex>
  );
}

/** What is known of the list; who looks for a record that does not sync looks here first. */
function description(list: ChosenList, records: string): string {
  const name = list.name === null ? 'the chosen list' : `the list “${list.name}”`;
  const size = list.size === null ? '' : ` (${list.size} now)`;
  const filled = list.filled === undefined ? '' : ` ${list.filled}`;
  const changed = list.changed === undefined ? '' : ` Somebody last came in or left ${list.changed.ago}.`;
  return `Only ${records} in ${name}${size} sync; all others stay as they are on both sides.${filled}${changed}`;
}
