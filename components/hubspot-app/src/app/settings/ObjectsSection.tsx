import { Button, Flex, Text, Tile, Toggle } from '@hubspot/ui-extensions';
import React, { useState } from 'react';

import { Creation } from './Creation';
import { InclusionList } from './InclusionList';
import { ObjectWays } from './ObjectWays';
import { Saved } from './Saved';
import { SetupQuestions } from './SetupQuestions';
import type { Part } from './useChange';

/** Which kinds of record are synced. */
export function ObjectsSection({ api, settings, change }: Part) {
  const [asking, setAsking] = useState(false);
  if (asking) {
    return <SetupQuestions settings={settings} change={change} onDone={() => setAsking(false)} />;
  }
  return (
    <Flex direction="column" gap="medium">
      <Text>
        Choose what is synced. What you switch on is synced at once. What is switched off is neither created nor changed in
        HubSpot; what is there already stays.
      </Text>
      {settings.admin && (
        <Button variant="secondary" disabled={change.busy} onClick={() => setAsking(true)}>
          Choose by three questions
        </Button>
      )}
      {settings.objects.map((object) => (
        <Tile key={object.name}>
          <Flex direction="column" gap="small">
            <Toggle
              name={`object-${object.name}`}
              label={`${object.plural} in ${settings.label} to ${object.hubspot_object} in HubSpot`}
              labelDisplay="inline"
              textChecked="On"
              textUnchecked="Off"
              size="md"
              checked={object.enabled}
              readonly={!settings.admin || change.busy}
              onChange={(enabled) => void change.save('/cards/settings', { objects: { [object.name]: { enabled } } })}
            />
            {object.enabled && (
              <>
                <ObjectWays settings={settings} change={change} object={object} />
                <Creation settings={settings} change={change} object={object} />
                <InclusionList api={api} settings={settings} change={change} object={object} />
              </>
            )}
          </Flex>
        </Tile>
      ))}
      <Saved change={change} />
    </Flex>
  );
}
