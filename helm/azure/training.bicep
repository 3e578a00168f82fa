// Where LoRAs are trained that need more than the studio's own GPUs: a cluster of Azure ML that is empty until a job comes.
targetScope = 'resourceGroup'

@description('Begins the names of everything; small letters and digits.')
@minLength(3)
@maxLength(11)
param name string = 'atelier'

@description('Where it runs.')
param location string = resourceGroup().location

@description('Tags of everything.')
param tags object = { app: 'atelier' }

@description('Machine with a GPU.')
param machine string = 'Standard_NC24ads_A100_v4'

@description('Machines at most.')
@minValue(1)
param maxMachines int = 1

@description('Spot machines cost a third and may be taken away: training goes on from its last checkpoint.')
param spot bool = true

@description('Account of the studio\'s file store (main.bicep).')
param account string

@description('Vault of the studio (main.bicep).')
param vault string

@description('Workspace of the studio\'s logs (main.bicep).')
param workspace string = '${name}-logs'

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' existing = {
  name: '${name}-studio'
}

resource files 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: account
}

resource secrets 'Microsoft.KeyVault/vaults@2023-07-01' existing = {
  name: vault
}

resource logs 'Microsoft.OperationalInsights/workspaces@2023-09-01' existing = {
  name: workspace
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: '${name}-training'
  location: location
  tags: tags
  kind: 'web'
  properties: { Application_Type: 'web', WorkspaceResourceId: logs.id, DisableLocalAuth: true }
}

resource studio 'Microsoft.MachineLearningServices/workspaces@2024-10-01' = {
  name: '${name}-training'
  location: location
  tags: tags
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identity.id}': {} } }
  properties: {
    primaryUserAssignedIdentity: identity.id
    storageAccount: files.id
    keyVault: secrets.id
    applicationInsights: insights.id
    publicNetworkAccess: 'Disabled'
    managedNetwork: { isolationMode: 'AllowInternetOutbound' }
    systemDatastoresAuthMode: 'identity'
  }
}

resource machines 'Microsoft.MachineLearningServices/workspaces/computes@2024-10-01' = {
  parent: studio
  name: 'gpus'
  location: location
  tags: tags
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identity.id}': {} } }
  properties: {
    computeType: 'AmlCompute'
    disableLocalAuth: true
    properties: {
      vmSize: machine
      vmPriority: spot ? 'LowPriority' : 'Dedicated'
      scaleSettings: { minNodeCount: 0, maxNodeCount: maxMachines, nodeIdleTimeBeforeScaleDown: 'PT5M' }
      enableNodePublicIp: false
      remoteLoginPortPublicAccess: 'Disabled'
    }
  }
}

@description('Its workspace.')
output workspace string = studio.name

@description('What jobs name as their compute.')
output compute string = machines.name
