// Where the image lies. Its smallest tier has no private endpoint: it asks everybody who they are instead, and nobody has
// a password.
@description('Begins the name.')
param name string

@description('Where it is.')
param location string

@description('Tags.')
param tags object

@description('Object id of the studio\'s identity.')
param principal string

@description('Premium has artifact streaming, which shortens the start of workers.')
@allowed(['Basic', 'Standard', 'Premium'])
param tier string = 'Basic'

var pull = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '7f951dda-4ed3-4680-a7ca-43fe172d538d')

resource registry 'Microsoft.ContainerRegistry/registries@2023-07-01' = {
  name: '${name}${uniqueString(resourceGroup().id)}'
  location: location
  tags: tags
  sku: { name: tier }
  properties: { adminUserEnabled: false }
}

resource mayPull 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(registry.id, principal, pull)
  scope: registry
  properties: { roleDefinitionId: pull, principalId: principal, principalType: 'ServicePrincipal' }
}

@description('Its host.')
output host string = registry.properties.loginServer
