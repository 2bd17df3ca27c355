import { defineConfig } from '@bakehouse/core';
import { docker } from '@bakehouse/provider-docker';

export default defineConfig({
  name: 'quickstart',
  providers: { docker: docker() },
  images: {
    base: { from: 'scratch', steps: [{ copy: './base/bin', to: '/bin' }], checks: [{ file: '/bin/serve' }] },
    web: {
      from: 'base',
      steps: [{ copy: './site', to: '/www' }],
      config: { cmd: ['/bin/serve', '--watch=forever', '--servedir=/www', '--serve=0.0.0.0:8080'], expose: [8080] },
      checks: [{ file: '/www/index.html', contains: 'Bakehouse' }],
    },
  },
});
