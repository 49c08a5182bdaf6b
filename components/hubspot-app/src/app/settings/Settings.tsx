import { hubspot } from '@hubspot/ui-extensions';
import { api } from '@sync300/shared';
import React from 'react';

import { SettingsPage } from './SettingsPage';

hubspot.extend<'settings'>(({ context, actions }) => (
  <SettingsPage api={api(context.variables)} copy={(text) => actions.copyTextToClipboard(text)} />
));
