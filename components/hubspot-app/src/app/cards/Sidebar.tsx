import { hubspot } from '@hubspot/ui-extensions';
import { api } from '@sync300/shared';
import React from 'react';

import { SidebarCard } from './SidebarCard';

hubspot.extend<'crm.record.sidebar'>(({ context }) => <SidebarCard api={api(context.variables)} record={context.crm} />);
