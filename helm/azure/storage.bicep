// Pictures, and weights of models that workers mirror from here. Nobody has a key: the studio's identity reads and writes.
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

@description('Private DNS zone of file stores.')
param zone string

var contribute = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'ba92f5b4-2d11-453d-a403-e96b0029c9fe')

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  name: '${name}${uniqueString(resourceGroup().id)}'
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: 'Standard_LRS' }
  properties: {
    allowBlobPublicAccess: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    publicNetworkAccess: 'Disabled'
    supportsHttpsTrafficOnly: true
    networkAcls: { defaultAction: 'Deny', bypass: 'None' }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2023-05-01' = {
  parent: account
  name: 'default'
  properties: { deleteRetentionPolicy: { enabled: true, days: 7 } }
}

resource pictures 'Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01' = {
  parent: blobs
  name: 'pictures'
  properties: { publicAccess: 'None' }
}

resource models 'Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01' = {
  parent: blobs
  name: 'models'
  properties: { publicAccess: 'None' }
}

resource mayWrite 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, principal, contribute)
  scope: account
  properties: { roleDefinitionId: contribute, principalId: principal, principalType: 'ServicePrincipal' }
}

module endpoint 'endpoint.bicep' = {
  name: 'storage-endpoint'
  params: {
    name: '${name}-files'
    location: location
    tags: tags
    subnet: subnet
    zone: zone
    service: account.id
    group: 'blob'
  }
}

@description('Name of the account.')
output account string = account.name
