// Where the apps run: machines by use without a GPU, and such with one that are paid for while a worker is there.
@description('Begins the name.')
param name string

@description('Where it is.')
param location string

@description('Tags.')
param tags object

@description('Subnet of the apps.')
param subnet string

@description('Name of the workspace that logs go to.')
param workspace string

@description('Kind of GPU, as Container Apps names its workload profile.')
param gpu string

resource logs 'Microsoft.OperationalInsights/workspaces@2023-09-01' existing = {
  name: workspace
}

resource environment 'Microsoft.App/managedEnvironments@2025-01-01' = {
  name: '${name}-apps'
  location: location
  tags: tags
  properties: {
    vnetConfiguration: { infrastructureSubnetId: subnet, internal: false }
    appLogsConfiguration: {
      destination: 'log-analytics'
      logAnalyticsConfiguration: {
        customerId: logs.properties.customerId
        sharedKey: logs.listKeys().primarySharedKey
      }
    }
    peerAuthentication: { mtls: { enabled: true } }
    workloadProfiles: [
      { name: 'Consumption', workloadProfileType: 'Consumption' }
      { name: 'gpu', workloadProfileType: gpu }
    ]
  }
}

@description('Resource id.')
output id string = environment.id
