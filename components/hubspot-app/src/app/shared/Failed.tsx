import { Alert, Button, ErrorState, Text } from '@hubspot/ui-extensions';
import React from 'react';

import type { Failure } from './api';

/** In place of what could not be shown: what is wrong, what to do, and trying again. */
export function Failed({ failure, retry }: { failure: Failure; retry: () => void }) {
  const locked = failure.code === 'not_admin';
  return (
    <ErrorState title={failure.message} type={locked ? 'lock' : 'error'}>
      {failure.action !== null && <Text>{failure.action}</Text>}
      <Reference failure={failure} />
      <Button onClick={retry}>Try again</Button>
    </ErrorState>
  );
}

/** Beside what is shown: something that was asked for was not done. */
export function NotDone({ failure }: { failure: Failure }) {
  return (
    <Alert title={failure.message} variant="danger">
      {failure.action !== null && <Text>{failure.action}</Text>}
      <Reference failure={failure} />
    </Alert>
  );
}

function Reference({ failure }: { failure: Failure }) {
  const quoted = failure.code === 'internal' || failure.action?.includes('reference') === true;
  if (failure.reference === null || !quoted) {
    return null;
  }
  return <Text variant="microcopy">Reference: {failure.reference}</Text>;
}
