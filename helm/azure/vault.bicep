// The one secret that there is: where the database is, with its password. The studio's identity may read it.
@description('Begins the name.')
param name string

@description('Where it is.')
param location string

@description('Tags.')
param tags object

@description('Object id of the studio\'s identity.')
param principal string

@description('Subnet of private endpoints.')
param subnet string

@description('Private DNS zone of vaults.')
param zone string

@description('Host of the database.')
param databaseHost string

@description('Password of the database\'s administrator.')
@secure()
param databasePassword string

var readSecrets = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '4633458b-17de-408a-b874-0445c86b69e6')

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: '${name}${uniqueString(resourceGroup().id)}'
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    enablePurgeProtection: true
    publicNetworkAccess: 'Disabled'
    networkAcls: { defaultAction: 'Deny', bypass: 'AzureServices' }
  }
}

resource database 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = {
  parent: vault
  name: 'database-url'
  properties: {
    value: 'postgresql://atelier:${uriComponent(databasePassword)}@${databaseHost}:5432/atelier?sslmode=require'
    contentType: 'text/plain'
  }
}

resource mayRead 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, principal, readSecrets)
  scope: vault
  properties: { roleDefinitionId: readSecrets, principalId: principal, principalType: 'ServicePrincipal' }
}

module endpoint 'endpoint.bicep' = {
  name: 'vault-endpoint'
  params: {
    name: '${name}-vault'
    location: location
    tags: tags
    subnet: subnet
    zone: zone
    service: vault.id
    group: 'vault'
  }
}

@description('Its name.')
output vault string = vault.name

@description('Where the secret is read; not what it says.')
output databaseAddress string = database.properties.secretUri
