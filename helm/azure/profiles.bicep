// The profiles of this deployment: those that are given, and the lines that only a deployment knows. They hold no secret.
@description('The door\'s profile as YAML, without the lines that follow here.')
param doorProfile string

@description('The workers\' profile as YAML, without the lines that follow here.')
param workerProfile string

@description('Tenant whose people may sign in.')
param tenantId string

@description('Client id of the studio\'s API.')
param audience string

@description('Object ids of administrators.')
param admins array

@description('Seconds that a worker stays when nothing is queued or processing.')
param keepAliveSeconds int

@description('Seconds until a worker draws.')
param startSeconds int

var issuer = '${environment().authentication.loginEndpoint}{tid}/v2.0'
var signIn = 'sign_in: {mode: oidc, issuers: [{issuer: "${issuer}", audience: "${audience}", tenants: ["${tenantId}"], scope: access_as_user, admins: ${string(admins)}}]}'
var terms = 'worker: {keep_alive_seconds: ${keepAliveSeconds}, start_seconds: ${startSeconds}}'
var stores = 'state: /tmp/atelier\nblob_url: az://pictures\n'
var shared = '${stores}${terms}\n${signIn}\n'

@description('The door\'s, whole.')
output door string = '${doorProfile}\nhttp: {host: 0.0.0.0, port: 8000}\n${shared}'

@description('The workers\', whole.')
output worker string = '${workerProfile}\n${shared}'
