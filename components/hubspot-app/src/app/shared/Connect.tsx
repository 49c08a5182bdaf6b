import { Flex, Select } from '@hubspot/ui-extensions';
import React, { useState } from 'react';

import type { Api } from './api';
import { OpenLink } from './OpenLink';

interface Props {
  api: Api;
  connector: string;
  /** The system's name for people. */
  label: string;
  /** Regions to choose from; none where the region is settled. */
  regions?: { id: string; label: string }[];
  again?: boolean;
  /** The person says that they have signed in. */
  onDone: () => void;
}

/** Leads to the system's own sign-in page. */
export function Connect({ api, connector, label, regions = [], again = false, onDone }: Props) {
  const [region, setRegion] = useState(regions[0]?.id);
  return (
    <Flex direction="column" gap="small">
      {regions.length > 1 && (
        <Select
          label={`Where is your ${label} account?`}
          name={`region-${connector}`}
          description={`The address of ${label} in your browser tells.`}
          value={region ?? ''}
          options={regions.map(({ id, label }) => ({ value: id, label }))}
          onChange={(value) => setRegion(String(value))}
        />
      )}
      <OpenLink
        ask={() => api.post(`/oauth/${connector}/ticket`, region === undefined ? {} : { region })}
        open={`Open the sign-in page of ${label}`}
        help={`Sign in to ${label} in the window that opens, and come back here.`}
        back="I have signed in"
        onBack={onDone}
        variant="primary"
      >
        {`${again ? 'Reconnect' : 'Connect'} ${label}`}
      </OpenLink>
    </Flex>
  );
}
