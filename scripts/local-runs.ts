/** Imported first where Workers run locally: wrangler then asks nobody on the network, and reports to nobody. */

process.env['CLOUDFLARE_CF_FETCH_ENABLED'] = 'false';
process.env['WRANGLER_SEND_METRICS'] = 'false';
