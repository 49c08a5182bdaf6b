import { EmptyState, Flex, Text } from '@hubspot/ui-extensions';
import type { Account, Api } from '@sync300/shared';
import { Connect } from '@sync300/shared';
import React from 'react';

/** Nothing is connected yet. */
export function FirstConnection({ api, account, onDone }: { api: Api; account: Account; onDone: () => void }) {
  return (
    <EmptyState title="Connect your first system" layout="vertical" imageName="integrations">
      <Flex direction="column" gap="small">
        <Text>
          Its records arrive in HubSpot once each, and stay in step. Nothing is read before you have signed in there.
        </Text>
        {account.admin ? (
          account.available.map((system) => <Connect key={system.connector} api={api} {...system} onDone={onDone} />)
        ) : (
          <Text>Only the user who installed 300Sync and super admins of this HubSpot account can connect a system.</Text>
        )}
      </Flex>
    </EmptyState>
  );
}
