import { Button, Flex, Heading, Select, Text, Toggle } from '@hubspot/ui-extensions';
import type { Direction, Settings, Strategy } from '@sync300/shared';
import React, { useState } from 'react';

import type { Change } from './useChange';

interface Props {
  settings: Settings;
  change: Change;
  onDone: () => void;
}

/** What it is for, who is right, and what must be synced: the answers choose for all kinds of record at once. */
export function SetupQuestions({ settings, change, onDone }: Props) {
  const { label: system, objects, strategies } = settings;
  const both = objects.some(({ direction }) => direction === 'both');
  const [goal, setGoal] = useState<Direction>(both ? 'both' : 'to_hubspot');
  const [right, setRight] = useState<Strategy>(objects[0]?.strategy ?? 'last_write_wins');
  const [wanted, setWanted] = useState(objects.filter(({ enabled }) => enabled).map(({ name }) => name));
  const use = async () => {
    const chosen = objects.map(({ name, bidirectional }) => {
      const ways = bidirectional ? { direction: goal, strategy: right } : {};
      return [name, { enabled: wanted.includes(name), ...ways }];
    });
    if (await change.save('/cards/settings', { objects: Object.fromEntries(chosen) as object })) {
      onDone();
    }
  };
  return (
    <Flex direction="column" gap="small">
      <Heading>Three questions</Heading>
      <Select
        label="What do you want?"
        name="goal"
        value={goal}
        options={[
          { value: 'to_hubspot', label: `See what is in ${system} in HubSpot` },
          { value: 'both', label: `Work in ${system} and in HubSpot` },
        ]}
        onChange={(value) => setGoal(value as Direction)}
      />
      <Select
        label="Which system is right where both changed the same field?"
        name="right"
        value={right}
        options={strategies}
        onChange={(value) => setRight(value as Strategy)}
      />
      <Text>What must be in HubSpot?</Text>
      {objects.map(({ name, plural }) => (
        <Toggle
          key={name}
          name={`must-${name}`}
          label={`${plural} must be in HubSpot`}
          labelDisplay="inline"
          size="md"
          checked={wanted.includes(name)}
          onChange={(must) => setWanted(must ? [...wanted, name] : wanted.filter((other) => other !== name))}
        />
      ))}
      <Flex direction="row" gap="small">
        <Button variant="primary" disabled={change.busy || wanted.length === 0} onClick={() => void use()}>
          Use these answers
        </Button>
        <Button variant="secondary" disabled={change.busy} onClick={onDone}>
          Leave it as it is
        </Button>
      </Flex>
    </Flex>
  );
}
