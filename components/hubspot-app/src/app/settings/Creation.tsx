import { Alert, Button, Flex, Text, Toggle } from '@hubspot/ui-extensions';
import type { SyncedObject } from '@sync300/shared';
import React, { useState } from 'react';

import type { Part } from './useChange';

/**
 * Whether records that only HubSpot has are created in the system too. Asked again before it is switched on, as what is
 * created there is only taken away there.
 */
export function Creation({ settings, change, object }: Omit<Part, 'api'> & { object: SyncedObject }) {
  const [asking, setAsking] = useState(false);
  const { label: system } = settings;
  const records = object.hubspot_object;
  if (!object.creatable || object.direction !== 'both') {
    return null;
  }
  const choose = async (create: boolean) => {
    if (await change.save('/cards/settings', { objects: { [object.name]: { create } } })) {
      setAsking(false);
    }
  };
  const whose = object.inclusion_list === null ? `All ${records}` : `All ${records} of the chosen list`;
  return (
    <Flex direction="column" gap="extra-small">
      <Toggle
        name={`create-${object.name}`}
        label={`Create ${records} in ${system} that only HubSpot has`}
        labelDisplay="inline"
        textChecked="On"
        textUnchecked="Off"
        size="sm"
        checked={object.create || asking}
        readonly={!settings.admin || change.busy}
        onChange={(wanted) => (object.create ? void choose(false) : setAsking(wanted))}
      />
      {asking && !object.create && (
        <>
          <Alert title={`Create ${records} in ${system}?`} variant="warning">
            <Text>
              {`${whose} that only HubSpot has are created in ${system}, beginning with the next sync, and later ones too. ` +
                `${records.charAt(0).toUpperCase() + records.slice(1)} that may be in ${system} already wait for you under “Review”. ` +
                `Switching this off later does not delete what was created.`}
            </Text>
          </Alert>
          <Flex direction="row" gap="small" wrap>
            <Button variant="primary" disabled={change.busy} onClick={() => void choose(true)}>
              Yes, create {records} in {system}
            </Button>
            <Button variant="secondary" disabled={change.busy} onClick={() => setAsking(false)}>
              Cancel
            </Button>
          </Flex>
        </>
      )}
    </Flex>
  );
}
