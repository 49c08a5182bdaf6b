import { Alert, EmptyState, Flex, LoadingSpinner, Text } from '@hubspot/ui-extensions';
import { PageTitle } from '@hubspot/ui-extensions/pages';
import type { Account, Api } from '@sync300/shared';
import { Failed, useLoaded } from '@sync300/shared';
import React, { useCallback } from 'react';

import { SystemOverview } from './SystemOverview';

/** How all connected systems stand, and what was synced when. */
export function Home({ api }: { api: Api }) {
  const ask = useCallback(() => api.get<Account>('/account'), [api]);
  const { loaded, reload } = useLoaded(ask);
  return (
    <Flex direction="column" gap="medium">
      <PageTitle>300Sync</PageTitle>
      <Body api={api} loaded={loaded} reload={reload} />
    </Flex>
  );
}

type Props = { api: Api } & Pick<ReturnType<typeof useLoaded<Account>>, 'loaded' | 'reload'>;

function Body({ api, loaded, reload }: Props) {
  if (loaded.state === 'loading') {
    return <LoadingSpinner label="Loading …" showLabel layout="centered" />;
  }
  if (loaded.state === 'failed') {
    return <Failed failure={loaded.failure} retry={() => void reload()} />;
  }
  const { connections, restricted } = loaded.data;
  if (connections.length === 0) {
    return (
      <EmptyState title="No system is connected yet" layout="vertical" imageName="integrations">
        <Text>An admin connects one in the settings of 300Sync: Settings, Integrations, Connected Apps, 300Sync.</Text>
      </EmptyState>
    );
  }
  return (
    <>
      {restricted && (
        <Alert title="Syncing is paused for this HubSpot account" variant="warning">
          <Text>An admin can resume it in the settings of 300Sync.</Text>
        </Alert>
      )}
      {connections.map((connection) => (
        <SystemOverview key={connection.id} api={api} connection={connection} />
      ))}
    </>
  );
}
