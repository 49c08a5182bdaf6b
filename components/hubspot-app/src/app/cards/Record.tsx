import { hubspot } from '@hubspot/ui-extensions';
import { api } from '@sync300/shared';
import React from 'react';

import { RecordCard } from './RecordCard';

hubspot.extend<'crm.record.tab'>(({ context }) => <RecordCard api={api(context.variables)} record={context.crm} />);
