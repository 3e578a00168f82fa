// What the apps print.
@description('Begins the name.')
param name string

@description('Where it is.')
param location string

@description('Tags.')
param tags object

@description('Days for which logs are kept.')
param days int

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: '${name}-logs'
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: days
    workspaceCapping: { dailyQuotaGb: 1 }
  }
}

@description('Its name; whoever writes to it looks up the key itself.')
output workspace string = workspace.name
