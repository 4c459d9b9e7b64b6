// An OpenID provider for tests, of npm's oidc-provider: its access tokens are JWTs with our claims, as
// docs/operate/keys.md asks of a provider. Whoever signs in says who it is; any password will do.
//
//   node provider.mjs GATEWAY_URL      prints its issuer as the first line

import {generateKeyPairSync} from 'node:crypto';
import {createServer} from 'node:http';
import {Provider} from 'oidc-provider';

const gateway = process.argv[2];
const CLAIMS = {
  australia: {roles: ['member'], member: 'aus'},
  desk: {roles: ['secretariat']},
};
const LIFE = 8;  // of an access token, in seconds: tests see it renewed

const {privateKey} = generateKeyPairSync('rsa', {modulusLength: 2048});
const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{
      client_id: 'pages',
      token_endpoint_auth_method: 'none',
      redirect_uris: [`${gateway}/sign-in`],
      post_logout_redirect_uris: [`${gateway}/sign-in`],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
    }],
    jwks: {keys: [{...privateKey.export({format: 'jwk'}), use: 'sig', alg: 'RS256', kid: 'k'}]},
    cookies: {keys: ['a test']},
    clientBasedCORS: () => true,
    findAccount: (_, id) => ({accountId: id, claims: () => ({sub: id})}),
    extraTokenClaims: (_, token) => CLAIMS[token.accountId],
    ttl: {AccessToken: LIFE, IdToken: 600, Session: 600, Grant: 600, RefreshToken: 600, Interaction: 600,
      AuthorizationCode: 60},
    features: {
      devInteractions: {enabled: true},
      revocation: {enabled: true},
      rpInitiatedLogout: {enabled: true},
      resourceIndicators: {
        enabled: true,
        defaultResource: () => 'urn:baliprocess',
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({scope: '', audience: 'baliprocess', accessTokenTTL: LIFE,
          accessTokenFormat: 'jwt', jwt: {sign: {alg: 'RS256'}}}),
      },
    },
  });
  server.on('request', provider.callback());
  console.log(issuer);
});
