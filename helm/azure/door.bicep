// The door: API, page and streams, without a GPU. Open tabs keep it up and nothing else.
@description('Begins the name.')
param name string

@description('Where it is.')
param location string

@description('Tags.')
param tags object

@description('Resource id of the environment.')
param environment string

@description('Host of the registry.')
param registry string

@description('repository:tag of the image.')
param image string

@description('Resource id of the studio\'s identity.')
param identity string

@description('Client id of the studio\'s identity.')
param client string

@description('Account of the file store.')
param account string

@description('Where the vault keeps the database\'s URL.')
param databaseAddress string

@description('The door\'s profile.')
param profile string

@description('Cores and memory.')
param size object = { cpu: json('1.0'), memory: '2Gi' }

@description('Doors at most; each holds a thousand open tabs.')
@minValue(1)
param maxReplicas int = 2

resource door 'Microsoft.App/containerApps@2025-01-01' = {
  name: '${name}-door'
  location: location
  tags: tags
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identity}': {} } }
  properties: {
    environmentId: environment
    workloadProfileName: 'Consumption'
    configuration: {
      activeRevisionsMode: 'Single'
      ingress: { external: true, targetPort: 8000, transport: 'auto', allowInsecure: false }
      registries: [{ server: registry, identity: identity }]
      secrets: [
        { name: 'database-url', keyVaultUrl: databaseAddress, identity: identity }
        { name: 'profile', value: profile }
      ]
    }
    template: {
      terminationGracePeriodSeconds: 60
      scale: {
        minReplicas: 1
        maxReplicas: maxReplicas
        rules: [{ name: 'tabs', http: { metadata: { concurrentRequests: '500' } } }]
      }
      containers: [
        {
          name: 'door'
          image: '${registry}/${image}'
          command: ['tini', '--', 'python', '-m', 'serve', '--profile', '/etc/atelier/door.yaml']
          resources: size
          env: [
            { name: 'ATELIER_DATABASE_URL', secretRef: 'database-url' }
            { name: 'AZURE_STORAGE_ACCOUNT_NAME', value: account }
            { name: 'AZURE_CLIENT_ID', value: client }
            { name: 'ATELIER_OFFLINE', value: '1' }
          ]
          volumeMounts: [{ volumeName: 'profile', mountPath: '/etc/atelier' }]
          probes: [
            { type: 'Startup', httpGet: { path: '/healthz', port: 8000 }, periodSeconds: 10, failureThreshold: 30 }
            { type: 'Liveness', httpGet: { path: '/healthz', port: 8000 }, periodSeconds: 30, failureThreshold: 3 }
            { type: 'Readiness', httpGet: { path: '/readyz', port: 8000 }, periodSeconds: 10, failureThreshold: 3 }
          ]
        }
      ]
      volumes: [
        { name: 'profile', storageType: 'Secret', secrets: [{ secretRef: 'profile', path: 'door.yaml' }] }
      ]
    }
  }
}

@description('Where the studio is.')
output url string = 'https://${door.properties.configuration.ingress.fqdn}'
