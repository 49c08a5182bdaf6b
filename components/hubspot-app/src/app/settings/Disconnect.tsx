import type { Api, Connection } from '@sync300/shared';
import React from 'react';

import { Confirm } from './Confirm';

/** Takes the access to a system back. */
export function Disconnect({ api, connection, onDone }: { api: Api; connection: Connection; onDone: () => void }) {
  return (
    <Confirm
      label={`Disconnect ${connection.label}`}
      question={`Disconnect ${connection.label}?`}
      consequence={`The access to ${connection.label} is deleted at once, and nothing is synced any more. Records stay where they are. Settings and links are kept, in case you connect again.`}
      work={() => api.post('/account/disconnect', { connection: connection.id })}
      onDone={onDone}
    />
  );
}
