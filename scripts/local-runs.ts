/** Imported first where Workers run locally: wrangler then asks no server on the network, and reports to none. */

process.env['CLOUDFLARE_CF_FETCH_ENABLED'] = 'false';
process.env['WRANGLER_SEND_METRICS'] = 'false';
