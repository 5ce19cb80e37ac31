import type { GatewayReport } from '../../handshake/gateway.js';
import type { Clean } from '../clean.js';
import { gatewayEntries } from '../text-gateway.js';
import type { TextStyle } from '../text-style.js';
import { certificateList } from './certificates.js';
import { html, type Markup } from './markup.js';
import { definitions, section } from './parts.js';
import { renderWaterfall } from './stages.js';

/** The way through a gateway: when each step ran, where it stopped, and what the gateway showed. */
export function renderGateway(gateway: Clean<GatewayReport>, id: string, style: TextStyle): Markup {
  const { steps, outcome, tls, startedAt } = gateway;
  return section(`${id}-gateway`, 'The way through the gateway', [
    html`<p class="sentence">${outcome.detail}</p>
`,
    renderWaterfall(
      steps.map(({ step, ...rest }) => ({ name: step, ...rest })),
      { title: 'When each step on the way through the gateway ran', says: outcome.detail },
      `${id}-steps`,
    ),
    // The steps are the picture.
    definitions(gatewayEntries(gateway, style).filter(({ label }) => label !== 'steps')),
    tls.certificates.length === 0
      ? null
      : html`<h4>Certificate of the gateway</h4>
${certificateList(tls.certificates, startedAt, false)}`,
  ]);
}
