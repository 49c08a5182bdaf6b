import * as inputs from './inputs';
import * as layout from './layout';
import * as text from './text';

/** HubSpot's components by name, as far as the app has them: one that is not here is an error that shows. */
export const components = { ...inputs, ...layout, ...text, LoadingButton: inputs.Button, Inline: layout.Flex };
