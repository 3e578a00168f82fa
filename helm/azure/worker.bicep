// The workers: executions of a job with a GPU, started by jobs that wait in the database. One leaves by itself when nothing
// is left, and with it what is paid for: an app that is scaled to zero is paid for through its cool-down, too.
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

@description('The workers\' profile.')
param profile string

@description('Kind of GPU, as Container Apps names its workload profile.')
param gpu string

@description('Workers that may draw at the same time.')
param maxWorkers int

@description('Jobs for which one worker is enough.')
param jobsPerWorker int

@description('Seconds between two looks at the database.')
@minValue(5)
param lookSeconds int = 30

// What `python -m serve config --wake-query` prints. It counts what is being drawn, too: a scaler takes those that run from
// what it finds, and would otherwise start none beside one that is busy.
var wakeQuery = 'SELECT count(*) AS jobs FROM jobs WHERE status IN (\'queued\', \'processing\')'
var size = gpu == 'Consumption-GPU-NC24-A100' ? { cpu: 24, memory: '220Gi' } : { cpu: 8, memory: '56Gi' }

resource worker 'Microsoft.App/jobs@2025-01-01' = {
  name: '${name}-worker'
  location: location
  tags: tags
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identity}': {} } }
  properties: {
    environmentId: environment
    workloadProfileName: 'gpu'
    configuration: {
      triggerType: 'Event'
      replicaTimeout: 86400 // of work without a pause: what it has in hand then goes back to the queue
      replicaRetryLimit: 0
      registries: [{ server: registry, identity: identity }]
      secrets: [
        { name: 'database-url', keyVaultUrl: databaseAddress, identity: identity }
        { name: 'profile', value: profile }
      ]
      eventTriggerConfig: {
        parallelism: 1
        replicaCompletionCount: 1
        scale: {
          minExecutions: 0
          maxExecutions: maxWorkers
          pollingInterval: lookSeconds
          rules: [
            {
              name: 'jobs'
              type: 'postgresql'
              metadata: { query: wakeQuery, targetQueryValue: string(jobsPerWorker) }
              auth: [{ secretRef: 'database-url', triggerParameter: 'connection' }]
            }
          ]
        }
      }
    }
    template: {
      containers: [
        {
          name: 'worker'
          image: '${registry}/${image}'
          command: ['tini', '--', 'python', '-m', 'serve', '--profile', '/etc/atelier/worker.yaml']
          resources: size
          env: [
            { name: 'ATELIER_DATABASE_URL', secretRef: 'database-url' }
            { name: 'AZURE_STORAGE_ACCOUNT_NAME', value: account }
            { name: 'AZURE_CLIENT_ID', value: client }
            { name: 'ATELIER_WEIGHTS', value: '/weights' }
          ]
          volumeMounts: [
            { volumeName: 'profile', mountPath: '/etc/atelier' }
            { volumeName: 'weights', mountPath: '/weights' }
          ]
        }
      ]
      volumes: [
        { name: 'profile', storageType: 'Secret', secrets: [{ secretRef: 'profile', path: 'worker.yaml' }] }
        { name: 'weights', storageType: 'EmptyDir' }
      ]
    }
  }
}

@description('Its name.')
output job string = worker.name
