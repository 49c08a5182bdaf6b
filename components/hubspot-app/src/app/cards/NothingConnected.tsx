import { EmptyState, Text } from '@hubspot/ui-extensions';
import React from 'react';

/** Nothing to be in step with yet. */
export function NothingConnected({ message, action }: { message: string; action: string | undefined }) {
  return (
    <EmptyState title={message} layout="vertical" imageName="integrations">
      <Text>{action ?? 'Connect one in the settings of 300Sync.'}</Text>
    </EmptyState>
  );
}
