import { Alert, Text } from '@hubspot/ui-extensions';
import { NotDone } from '@sync300/shared';
import React from 'react';

import type { Change } from './useChange';

/** What became of the last change. */
export function Saved({ change }: { change: Change }) {
  if (change.failure !== null) {
    return <NotDone failure={change.failure} />;
  }
  if (!change.saved) {
    return null;
  }
  return (
    <Alert title="Saved" variant="success">
      <Text>It counts from the next sync on. A sync that is under way goes on as it began.</Text>
    </Alert>
  );
}
