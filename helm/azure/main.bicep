// A studio in two apps: a door without a GPU that is always there, and a job with a GPU that comes when somebody draws.
// They know nothing of each other but the database and the file store.
targetScope = 'resourceGroup'

@description('Begins the names of everything; small letters and digits.')
@minLength(3)
@maxLength(11)
param name string = 'atelier'

@description('Where it runs. T4 and A100 are not in every region.')
param location string = resourceGroup().location

@description('The studio\'s image in the registry of this deployment, without its host: repository:tag.')
param image string = 'atelier:0.1.0'

@description('False for the first deployment, which makes the registry that the image is then pushed to.')
param hasImage bool = false

@description('Password of the database\'s administrator: 16 characters or more. It goes into the key vault, and nowhere else.')
@secure()
@minLength(16)
param databasePassword string

@description('Tenant of Entra ID whose people may sign in.')
param tenantId string = tenant().tenantId

@description('Client id of the app registration that stands for the studio\'s API.')
param audience string

@description('Object ids of those who are administrators of the studio whatever their tokens say.')
param admins array = []

@description('The door\'s profile as YAML: the one that ships draws with mini. Both must place the same generators.')
param doorProfile string = loadTextContent('../../configs/profiles/door.yaml')

@description('The workers\' profile as YAML.')
param workerProfile string = loadTextContent('../../configs/profiles/worker.yaml')

@description('Kind of GPU, as Container Apps names its workload profile.')
@allowed(['Consumption-GPU-NC8as-T4', 'Consumption-GPU-NC24-A100'])
param gpu string = 'Consumption-GPU-NC8as-T4'

@description('Workers that may draw at the same time.')
@minValue(1)
@maxValue(20)
param maxWorkers int = 1

@description('Jobs for which one worker is enough.')
@minValue(1)
param jobsPerWorker int = 16

@description('Seconds that a worker stays when nothing is queued or processing.')
@minValue(0)
param keepAliveSeconds int = 60

@description('Seconds until a worker draws, as people are told who wait for one.')
@minValue(0)
param startSeconds int = 180

@description('Days for which logs are kept.')
@minValue(30)
@maxValue(730)
param logDays int = 30

@description('Tags of everything.')
param tags object = { app: 'atelier' }

module identity 'identity.bicep' = {
  name: 'identity'
  params: { name: name, location: location, tags: tags }
}

module logs 'logs.bicep' = {
  name: 'logs'
  params: { name: name, location: location, tags: tags, days: logDays }
}

module network 'network.bicep' = {
  name: 'network'
  params: { name: name, location: location, tags: tags }
}

module registry 'registry.bicep' = {
  name: 'registry'
  params: { name: name, location: location, tags: tags, principal: identity.outputs.principal }
}

module storage 'storage.bicep' = {
  name: 'storage'
  params: {
    name: name
    location: location
    tags: tags
    principal: identity.outputs.principal
    subnet: network.outputs.endpoints
    zone: network.outputs.blobZone
  }
}

module database 'database.bicep' = {
  name: 'database'
  params: {
    name: name
    location: location
    tags: tags
    password: databasePassword
    subnet: network.outputs.database
    zone: network.outputs.databaseZone
  }
}

module vault 'vault.bicep' = {
  name: 'vault'
  params: {
    name: name
    location: location
    tags: tags
    principal: identity.outputs.principal
    subnet: network.outputs.endpoints
    zone: network.outputs.vaultZone
    databaseHost: database.outputs.host
    databasePassword: databasePassword
  }
}

module environment 'environment.bicep' = {
  name: 'environment'
  params: {
    name: name
    location: location
    tags: tags
    subnet: network.outputs.apps
    workspace: logs.outputs.workspace
    gpu: gpu
  }
}

module profiles 'profiles.bicep' = {
  name: 'profiles'
  params: {
    doorProfile: doorProfile
    workerProfile: workerProfile
    tenantId: tenantId
    audience: audience
    admins: admins
    keepAliveSeconds: keepAliveSeconds
    startSeconds: startSeconds
  }
}

module door 'door.bicep' = if (hasImage) {
  name: 'door'
  params: {
    name: name
    location: location
    tags: tags
    environment: environment.outputs.id
    registry: registry.outputs.host
    image: image
    identity: identity.outputs.id
    client: identity.outputs.client
    account: storage.outputs.account
    databaseAddress: vault.outputs.databaseAddress
    profile: profiles.outputs.door
  }
}

module worker 'worker.bicep' = if (hasImage) {
  name: 'worker'
  params: {
    name: name
    location: location
    tags: tags
    environment: environment.outputs.id
    registry: registry.outputs.host
    image: image
    identity: identity.outputs.id
    client: identity.outputs.client
    account: storage.outputs.account
    databaseAddress: vault.outputs.databaseAddress
    profile: profiles.outputs.worker
    gpu: gpu
    maxWorkers: maxWorkers
    jobsPerWorker: jobsPerWorker
  }
}

@description('Where the image is pushed to.')
output registry string = registry.outputs.host

@description('The account of its files, for training.bicep.')
output account string = storage.outputs.account

@description('Its vault, for training.bicep.')
output vault string = vault.outputs.vault

@description('Where the studio is.')
output studio string = hasImage ? door!.outputs.url : ''
