import { Flex, Text, ToggleGroup } from '@hubspot/ui-extensions';
import React from 'react';

import { Saved } from './Saved';
import type { Part } from './useChange';

/** How often the system is looked at. What the plan does not have is shown, and says which plan has it. */
export function ScheduleSection({ settings, change }: Part) {
  return (
    <Flex direction="column" gap="medium">
      <ToggleGroup
        toggleType="radioButtonList"
        name="frequency"
        label={`How often ${settings.label} is synced`}
        value={String(settings.frequency)}
        options={settings.frequencies.map(({ minutes, label, allowed, needs }) => ({
          value: String(minutes),
          label: allowed || needs === undefined ? label : `${label} (with ${needs})`,
          readonly: !allowed || !settings.admin || change.busy,
        }))}
        onChange={(value) => void change.save('/cards/settings', { frequency: Number(value) })}
      />
      <Text variant="microcopy">“Sync now” works at any time, whatever the schedule.</Text>
      <Saved change={change} />
    </Flex>
  );
}
