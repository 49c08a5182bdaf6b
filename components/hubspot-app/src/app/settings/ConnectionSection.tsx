import { Alert, DescriptionList, DescriptionListItem, Flex, Text } from '@hubspot/ui-extensions';
import type { Api, Connection, Queued, Settings, Syncing } from '@sync300/shared';
import { Connect, ConnectionTag, SyncNow } from '@sync300/shared';
import React from 'react';

import { Disconnect } from './Disconnect';

interface Props {
  api: Api;
  connection: Connection;
  settings: Settings;
  /** Looks how it stands now. */
  look: () => Promise<Syncing | null>;
  /** Something about the connection itself is different now. */
  onChange: () => void;
}

/** Whether the system is connected, to which account, and what to do where it is not. */
export function ConnectionSection({ api, connection, settings, look, onChange }: Props) {
  const { label, last_run, message, action } = settings;
  const ended = { success: 'Succeeded', error: 'Failed' };
  return (
    <Flex direction="column" gap="medium">
      <ConnectionTag status={connection.status} />
      {message !== undefined && (
        <Alert title={message} variant="warning">
          {action !== undefined && <Text>{action}</Text>}
        </Alert>
      )}
      <DescriptionList direction="row">
        <DescriptionListItem label="System">{label}</DescriptionListItem>
        <DescriptionListItem label="Account">{connection.account ?? 'Not known'}</DescriptionListItem>
        <DescriptionListItem label="Last sync">
          {last_run === null ? 'None yet' : `${ended[last_run.status]} ${last_run.ago}`}
        </DescriptionListItem>
      </DescriptionList>
      {last_run?.message !== undefined && (
        <Alert title={last_run.message} variant="danger">
          {last_run.action !== undefined && <Text>{last_run.action}</Text>}
        </Alert>
      )}
      {connection.status === 'active' && (
        <SyncNow
          ask={() => api.post<Queued>('/cards/sync', { connection: connection.id })}
          syncing={settings.syncing}
          look={look}
        />
      )}
      {settings.admin && connection.status !== 'active' && (
        <Connect api={api} connector={connection.connector} label={label} again onDone={onChange} />
      )}
      {settings.admin && connection.status !== 'disconnected' && (
        <Disconnect api={api} connection={connection} onDone={onChange} />
      )}
    </Flex>
  );
}
